/**
 * How a worker process takes memory. Every length bucket has a session of its own; with onnxruntime's arenas each would keep the
 * working memory of its largest pass (ten buckets of a base model: over ten gigabytes). The arenas are off (backend/onnx/session.ts),
 * and glibc is told to keep what a pass frees for the next one, whichever session runs it: handing pages back and faulting them in
 * again would cost a tenth of every step. Other C libraries ignore these names.
 */
export const workerEnvironment: Readonly<Record<string, string>> = {
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: '1099511627776',
  MALLOC_ARENA_MAX: '1',
  // Asks the kernel for huge pages (glibc 2.35): 3 % of a step on the base model and on the small one.
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
};

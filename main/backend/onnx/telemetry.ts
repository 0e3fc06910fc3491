/**
 * Stock onnxruntime 1.30 (seen on Linux) keeps a device id and a queue of events in the user's cache folder, and holds the code that sends
 * them to mobile.events.data.microsoft.com. Nothing of ours leaves the machine, so it is told not to, in the one way it has:
 * `ORT_DISABLE_TELEMETRY`, read when the library is loaded. To be imported before onnxruntime-node, for this effect alone.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

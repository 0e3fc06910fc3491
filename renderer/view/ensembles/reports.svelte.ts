/** Scores of the votes that this page has seen: a vote on a file keeps its answers in the workspace, but not its scores. */
import type { Client } from '../../connection/connection.ts';

export type VoteReport = Awaited<ReturnType<Client['ensembles']['voteOnSplit']>>;

class VoteReports {
  byVotes = $state.raw<Readonly<Record<string, VoteReport>>>({});

  add(report: VoteReport): void {
    this.byVotes = { ...this.byVotes, [report.votesObject]: report };
  }
}

export const voteReports = new VoteReports();

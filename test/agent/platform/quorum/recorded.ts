import type { CommandResult } from '../../../../agent/platform/run-command.ts';

/** Answers of etcdctl 3.4.23 to `member list` and then `endpoint status`, as recorded from a real group on loopback. */
export type Recorded = {
  readonly list: string;
  readonly statuses: readonly Pick<CommandResult, 'exitCode' | 'stdout'>[];
};

/** Three members; db-2 leads, asked on db-1. */
export const well: Recorded = {
  list: `{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"raft_term":3},"members":[{"ID":7059799375513725458,"name":"db-3","peerURLs":["http://127.0.0.1:23380"],"clientURLs":["http://127.0.0.1:23379"]},{"ID":7616583982444832909,"name":"db-1","peerURLs":["http://127.0.0.1:21380"],"clientURLs":["http://127.0.0.1:21379"]},{"ID":11417610130673999598,"name":"db-2","peerURLs":["http://127.0.0.1:22380"],"clientURLs":["http://127.0.0.1:22379"]}]}`,
  statuses: [
    {
      exitCode: 0,
      stdout: `[{"Endpoint":"http://127.0.0.1:23379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7059799375513725458,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}},{"Endpoint":"http://127.0.0.1:21379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}},{"Endpoint":"http://127.0.0.1:22379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11417610130673999598,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}}]`,
    },
  ],
};

/** db-3 was stopped by SIGSTOP: it takes connections and answers nothing. Then those that answer, by themselves. */
export const frozen: Recorded = {
  list: `{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"raft_term":3},"members":[{"ID":7059799375513725458,"name":"db-3","peerURLs":["http://127.0.0.1:23380"],"clientURLs":["http://127.0.0.1:23379"]},{"ID":7616583982444832909,"name":"db-1","peerURLs":["http://127.0.0.1:21380"],"clientURLs":["http://127.0.0.1:21379"]},{"ID":11417610130673999598,"name":"db-2","peerURLs":["http://127.0.0.1:22380"],"clientURLs":["http://127.0.0.1:22379"]}]}`,
  statuses: [
    {
      exitCode: 1,
      stdout: `[{"Endpoint":"http://127.0.0.1:21379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}},{"Endpoint":"http://127.0.0.1:22379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11417610130673999598,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}}]`,
    },
    {
      exitCode: 0,
      stdout: `[{"Endpoint":"http://127.0.0.1:21379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}},{"Endpoint":"http://127.0.0.1:22379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11417610130673999598,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}}]`,
    },
  ],
};

/** db-3 was killed. */
export const down: Recorded = {
  list: `{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"raft_term":3},"members":[{"ID":7059799375513725458,"name":"db-3","peerURLs":["http://127.0.0.1:23380"],"clientURLs":["http://127.0.0.1:23379"]},{"ID":7616583982444832909,"name":"db-1","peerURLs":["http://127.0.0.1:21380"],"clientURLs":["http://127.0.0.1:21379"]},{"ID":11417610130673999598,"name":"db-2","peerURLs":["http://127.0.0.1:22380"],"clientURLs":["http://127.0.0.1:22379"]}]}`,
  statuses: [
    {
      exitCode: 1,
      stdout: `[{"Endpoint":"http://127.0.0.1:21379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}},{"Endpoint":"http://127.0.0.1:22379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11417610130673999598,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}}]`,
    },
    {
      exitCode: 0,
      stdout: `[{"Endpoint":"http://127.0.0.1:21379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}},{"Endpoint":"http://127.0.0.1:22379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11417610130673999598,"revision":1,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":11417610130673999598,"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10,"dbSizeInUse":16384}}]`,
    },
  ],
};

/** A learner was added and not started; db-3 leads. */
export const unstarted: Recorded = {
  list: `{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"raft_term":6},"members":[{"ID":7059799375513725458,"name":"db-3","peerURLs":["http://127.0.0.1:23380"],"clientURLs":["http://127.0.0.1:23379"]},{"ID":7616583982444832909,"name":"db-1","peerURLs":["http://127.0.0.1:21380"],"clientURLs":["http://127.0.0.1:21379"]},{"ID":11417610130673999598,"name":"db-2","peerURLs":["http://127.0.0.1:22380"],"clientURLs":["http://127.0.0.1:22379"]},{"ID":11836896032995383013,"peerURLs":["http://127.0.0.1:24380"],"isLearner":true}]}`,
  statuses: [
    {
      exitCode: 0,
      stdout: `[{"Endpoint":"http://127.0.0.1:23379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7059799375513725458,"revision":9,"raft_term":6},"version":"3.4.23","dbSize":204800,"leader":7059799375513725458,"raftIndex":33,"raftTerm":6,"raftAppliedIndex":33,"dbSizeInUse":184320}},{"Endpoint":"http://127.0.0.1:21379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":9,"raft_term":6},"version":"3.4.23","dbSize":266240,"leader":7059799375513725458,"raftIndex":33,"raftTerm":6,"raftAppliedIndex":33,"dbSizeInUse":184320}},{"Endpoint":"http://127.0.0.1:22379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11417610130673999598,"revision":9,"raft_term":6},"version":"3.4.23","dbSize":249856,"leader":7059799375513725458,"raftIndex":33,"raftTerm":6,"raftAppliedIndex":33,"dbSizeInUse":184320}}]`,
    },
  ],
};

/** It has started. */
export const learner: Recorded = {
  list: `{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"raft_term":6},"members":[{"ID":7059799375513725458,"name":"db-3","peerURLs":["http://127.0.0.1:23380"],"clientURLs":["http://127.0.0.1:23379"]},{"ID":7616583982444832909,"name":"db-1","peerURLs":["http://127.0.0.1:21380"],"clientURLs":["http://127.0.0.1:21379"]},{"ID":11417610130673999598,"name":"db-2","peerURLs":["http://127.0.0.1:22380"],"clientURLs":["http://127.0.0.1:22379"]},{"ID":11836896032995383013,"name":"db-4","peerURLs":["http://127.0.0.1:24380"],"clientURLs":["http://127.0.0.1:24379"],"isLearner":true}]}`,
  statuses: [
    {
      exitCode: 0,
      stdout: `[{"Endpoint":"http://127.0.0.1:23379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7059799375513725458,"revision":9,"raft_term":6},"version":"3.4.23","dbSize":204800,"leader":7059799375513725458,"raftIndex":34,"raftTerm":6,"raftAppliedIndex":34,"dbSizeInUse":184320}},{"Endpoint":"http://127.0.0.1:21379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":9,"raft_term":6},"version":"3.4.23","dbSize":266240,"leader":7059799375513725458,"raftIndex":34,"raftTerm":6,"raftAppliedIndex":34,"dbSizeInUse":184320}},{"Endpoint":"http://127.0.0.1:22379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11417610130673999598,"revision":9,"raft_term":6},"version":"3.4.23","dbSize":249856,"leader":7059799375513725458,"raftIndex":34,"raftTerm":6,"raftAppliedIndex":34,"dbSizeInUse":184320}},{"Endpoint":"http://127.0.0.1:24379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11836896032995383013,"revision":9,"raft_term":6},"version":"3.4.23","dbSize":184320,"leader":7059799375513725458,"raftIndex":34,"raftTerm":6,"raftAppliedIndex":34,"dbSizeInUse":184320,"isLearner":true}}]`,
    },
  ],
};

/** db-3 ran out of its quota: each member tells of it. */
export const alarm: Recorded = {
  list: `{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"raft_term":3},"members":[{"ID":7059799375513725458,"name":"db-3","peerURLs":["http://127.0.0.1:23380"],"clientURLs":["http://127.0.0.1:23379"]},{"ID":7616583982444832909,"name":"db-1","peerURLs":["http://127.0.0.1:21380"],"clientURLs":["http://127.0.0.1:21379"]},{"ID":11417610130673999598,"name":"db-2","peerURLs":["http://127.0.0.1:22380"],"clientURLs":["http://127.0.0.1:22379"]}]}`,
  statuses: [
    {
      exitCode: 0,
      stdout: `[{"Endpoint":"http://127.0.0.1:23379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7059799375513725458,"revision":9,"raft_term":3},"version":"3.4.23","dbSize":204800,"leader":11417610130673999598,"raftIndex":25,"raftTerm":3,"raftAppliedIndex":25,"errors":["memberID:7059799375513725458 alarm:NOSPACE "],"dbSizeInUse":184320}},{"Endpoint":"http://127.0.0.1:21379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":9,"raft_term":3},"version":"3.4.23","dbSize":266240,"leader":11417610130673999598,"raftIndex":25,"raftTerm":3,"raftAppliedIndex":25,"errors":["memberID:7059799375513725458 alarm:NOSPACE "],"dbSizeInUse":266240}},{"Endpoint":"http://127.0.0.1:22379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":11417610130673999598,"revision":9,"raft_term":3},"version":"3.4.23","dbSize":249856,"leader":11417610130673999598,"raftIndex":25,"raftTerm":3,"raftAppliedIndex":25,"errors":["memberID:7059799375513725458 alarm:NOSPACE "],"dbSizeInUse":249856}}]`,
    },
  ],
};

/** Asked on db-3, the others were killed 3 s before. */
export const withoutQuorum: Recorded = {
  list: `{"header":{"cluster_id":17495100640981928781,"member_id":7059799375513725458,"raft_term":3},"members":[{"ID":7059799375513725458,"name":"db-3","peerURLs":["http://127.0.0.1:23380"],"clientURLs":["http://127.0.0.1:23379"]},{"ID":7616583982444832909,"name":"db-1","peerURLs":["http://127.0.0.1:21380"],"clientURLs":["http://127.0.0.1:21379"]},{"ID":11417610130673999598,"name":"db-2","peerURLs":["http://127.0.0.1:22380"],"clientURLs":["http://127.0.0.1:22379"]}]}`,
  statuses: [
    {
      exitCode: 1,
      stdout: `[{"Endpoint":"http://127.0.0.1:23379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7059799375513725458,"revision":9,"raft_term":3},"version":"3.4.23","dbSize":204800,"raftIndex":27,"raftTerm":3,"raftAppliedIndex":27,"errors":["etcdserver: no leader"],"dbSizeInUse":184320}}]`,
    },
  ],
};

/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The contract between the kernel programs and the agent: every record and map value, and nothing else.
 *
 * Included by energy.bpf.c and, through the CEnergyBPF module, by Swift. Sizes are asserted here, so both sides
 * compile against the same bytes. All counters only ever grow; all times are nanoseconds of CPU time.
 */
#ifndef ENERGYD_EVENTS_H
#define ENERGYD_EVENTS_H

#include <linux/types.h>

#define ENERGYD_COMM_LENGTH 16
#define ENERGYD_PATH_LENGTH 1024

/* Set by the agent before the load. */
struct energyd_config {
	__u32 cpu_count;       /* possible CPUs */
	__u32 track_processes; /* 0 or 1 */
};

/* A cgroup of one hierarchy; 0 is the unified (v2) one. The id is the inode number of the cgroup's directory. */
struct energyd_cgroup_key {
	__u32 hierarchy;
	__u32 reserved;
	__u64 cgroup;
};

struct energyd_usage {
	__u64 cpu_ns;
	__u64 switches;
};

/* A process within one cgroup: the part it ran there. */
struct energyd_process_key {
	__u64 cgroup;
	__u32 tgid;
	__u32 reserved;
};

enum energyd_process_state {
	ENERGYD_PROCESS_RUNNING = 0,
	ENERGYD_PROCESS_EXITED = 1,   /* its last thread is gone; the next drain reports it */
	ENERGYD_PROCESS_REPORTED = 2, /* and the one after deletes it */
};

struct energyd_process {
	__u64 cpu_ns;
	__u32 state;
	__u32 reserved;
	char comm[ENERGYD_COMM_LENGTH];
};

/*
 * What one CPU keeps for itself. The first fields describe the task on the CPU since its last switch, the rest are
 * totals.
 */
struct energyd_cpu {
	__u64 clock_ns;        /* run-queue clock of the last event; 0 before the first */
	__u64 base_ns;         /* sum_exec_runtime of the running task up to which it was charged */
	__u64 cgroup;          /* that the running task is charged to; 0 for the kernel itself */
	__u32 pid;             /* of the running task; 0 is idle */
	__u32 reserved;
	__u64 idle_ns;
	struct energyd_usage kernel;   /* kernel threads of the root cgroup */
	struct energyd_usage overflow; /* of cgroups that the table had no room for */
	__u64 process_overflow_ns;     /* of processes that the table had no room for */
	__u64 resyncs;                 /* switches whose other half was not seen */
	__u64 counters_lost;           /* records that the ring had no room for */
	__u64 lifecycle_lost;
};

enum energyd_record_type {
	ENERGYD_RECORD_CGROUP = 1,
	ENERGYD_RECORD_PROCESS = 2,
	ENERGYD_RECORD_CGROUP_CREATED = 3,
	ENERGYD_RECORD_CGROUP_REMOVED = 4,
	ENERGYD_RECORD_CGROUP_RELEASED = 5,
};

/* Ring `counters`: the totals of one cgroup, written by a drain. */
struct energyd_cgroup_record {
	__u32 type;
	__u32 drain; /* sequence number of the drain that wrote it */
	struct energyd_cgroup_key key;
	struct energyd_usage usage;
};

/* Ring `counters`: the totals of one process in one cgroup. */
struct energyd_process_record {
	__u32 type;
	__u32 drain;
	struct energyd_process_key key;
	struct energyd_process process;
};

/* Ring `lifecycle`: a cgroup came or went. `path` is cut to the length that is used. */
struct energyd_lifecycle_record {
	__u32 type;
	__u32 path_length; /* including the terminating NUL; 0 where no path is told */
	struct energyd_cgroup_key key;
	char path[ENERGYD_PATH_LENGTH];
};

/* Context of the drain programs: the sequence number in, the outcome out. */
struct energyd_drain {
	__u32 drain;
	__u32 written;
	__u32 lost;
	__u32 reserved;
};

#define ENERGYD_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type " has another layout")
ENERGYD_ASSERT_SIZE(energyd_config, 8);
ENERGYD_ASSERT_SIZE(energyd_cgroup_key, 16);
ENERGYD_ASSERT_SIZE(energyd_usage, 16);
ENERGYD_ASSERT_SIZE(energyd_process_key, 16);
ENERGYD_ASSERT_SIZE(energyd_process, 32);
ENERGYD_ASSERT_SIZE(energyd_cpu, 104);
ENERGYD_ASSERT_SIZE(energyd_cgroup_record, 40);
ENERGYD_ASSERT_SIZE(energyd_process_record, 56);
ENERGYD_ASSERT_SIZE(energyd_lifecycle_record, 24 + ENERGYD_PATH_LENGTH);
ENERGYD_ASSERT_SIZE(energyd_drain, 16);

#endif

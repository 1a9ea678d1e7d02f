/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The contract between the kernel programs and the agent: every record and map value, and nothing else.
 *
 * Included by energy.bpf.c and, through the CEnergyBPF module, by Swift. Sizes are asserted here, so both sides
 * compile against the same bytes. All counters only ever grow; all times are nanoseconds.
 */
#ifndef ENERGYD_EVENTS_H
#define ENERGYD_EVENTS_H

#include <linux/types.h>

#define ENERGYD_COMM_LENGTH 16
#define ENERGYD_PATH_LENGTH 1024
/* Kinds of cores that are told apart: performance, efficiency, low-power efficiency. */
#define ENERGYD_CLASSES 4
/* Run-queue waits: below 2^12 ns, below 2^13 ns, ... below 2^26 ns, and the rest. */
#define ENERGYD_WAIT_BUCKETS 16
#define ENERGYD_WAIT_SHIFT 12
/* Hardware counters: cycles, instructions, cache misses. */
#define ENERGYD_COUNTERS 3
/* Places of the per-CPU cache of slots; a power of two. */
#define ENERGYD_CACHE 64

/* Set by the agent before the load. What is 0 costs nothing: the verifier removes it. */
struct energyd_config {
	__u32 cpu_count;       /* possible CPUs */
	__u32 track_processes; /* 0 or 1 */
	__u32 v1_hierarchy;    /* id of the version 1 hierarchy with the cpuacct controller; 0 without one */
	__u32 track_waits;     /* 0 or 1 */
	__u32 track_siblings;  /* 0 or 1: cores have two threads */
	__u32 counters;        /* how many of the hardware counters are open, the first ones; 0...ENERGYD_COUNTERS */
	__u32 track_classes;   /* 0 or 1: there are several kinds of cores */
	__u32 reserved;
};

/* A cgroup of one hierarchy; 0 is the unified (v2) one. The id is the inode number of the cgroup's directory. */
struct energyd_cgroup_key {
	__u32 hierarchy;
	__u32 reserved;
	__u64 cgroup;
};

/*
 * What one CPU did for the cgroup of one slot: a cache line. The owner is kept with it because a slot is given to
 * another cgroup when its own is gone: each CPU notices that for itself.
 */
struct energyd_usage {
	struct energyd_cgroup_key owner;
	__u64 cpu_ns;
	__u64 shared_ns;   /* of which the core's other thread was busy too */
	__u64 wait_ns;     /* ready to run but waiting for a CPU */
	__u64 voluntary;   /* context switches: slept or waited */
	__u64 involuntary; /* context switches: was preempted */
	__u64 reserved;
};

/* Of the turns whose hardware counters were read. */
struct energyd_counted {
	__u64 cpu_ns;
	__u64 counter[ENERGYD_COUNTERS]; /* scaled for the time in which the counter was not scheduled */
};

struct energyd_waits {
	__u64 bucket[ENERGYD_WAIT_BUCKETS];
};

/* A process within one cgroup: the part it ran there. */
struct energyd_process_key {
	__u64 cgroup;
	__u32 tgid;
	__u32 hierarchy;
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

/* A hardware counter, as bpf_perf_event_read_value() tells it. */
struct energyd_counter_base {
	__u64 counter;
	__u64 enabled_ns;
	__u64 running_ns;
};

/*
 * What one CPU keeps for itself. The first fields describe the task on the CPU since its last event, then come totals.
 */
struct energyd_cpu {
	__u64 clock_ns;              /* run-queue clock of task time at the last event; 0 before the first */
	__u64 wall_ns;               /* run-queue clock then: ahead by the time of interrupts and other machines */
	__u64 base_ns;               /* sum_exec_runtime of the running task up to which it was charged */
	__u64 base_wait_ns;          /* its run_delay before this turn */
	struct energyd_cgroup_key key; /* that the running task is charged to; cgroup 0 for the kernel itself */
	__u32 pid;                   /* of the running task; 0 is idle */
	__u32 is_counting;           /* 1 where the hardware counters of this turn are read */
	__u64 sibling_idle_ns;       /* idle time of the core's other thread up to the last event */
	__u64 idle_ns;
	__u64 stolen_ns;             /* interrupts, where the kernel accounts them, and other machines */
	struct energyd_usage kernel;   /* kernel threads of the root cgroup */
	struct energyd_usage overflow; /* of cgroups that the table had no room for */
	__u64 process_overflow_ns;     /* of processes that the table had no room for */
	__u64 resyncs;                 /* switches whose other half was not seen */
	__u64 counters_lost;           /* records that the ring had no room for */
	__u64 lifecycle_lost;
	__u32 is_settling;             /* 1 while the running task is charged in the middle of its turn */
	__u32 reserved;
	__u32 sibling;                 /* the core's other thread; this CPU itself where it has none */
	__u32 core_class;              /* below ENERGYD_CLASSES */
	struct energyd_counter_base base[ENERGYD_COUNTERS];
	__u64 moved_ns;                /* sum_exec_runtime at which the running task was moved by another */
	__u32 moved_pid;               /* that task; 0 for none */
	__u32 counter_mask;            /* one turn in mask + 1 is counted, by chance; a power of two less one */
	__u64 counter_read_ns;         /* what reading every counter once takes, as last measured */
	__u32 cache[ENERGYD_CACHE];    /* slots by the low bits of the cgroup's id: guesses, proven by the owner */
};

enum energyd_record_type {
	ENERGYD_RECORD_CGROUP = 1,
	ENERGYD_RECORD_PROCESS = 2,
	ENERGYD_RECORD_CGROUP_CREATED = 3,
	ENERGYD_RECORD_CGROUP_REMOVED = 4,
	ENERGYD_RECORD_CGROUP_RELEASED = 5,
	ENERGYD_RECORD_CGROUP_RENAMED = 6,
};

/* Ring `counters`: the totals of one cgroup, written by a drain. Cut after the last part that is kept. */
struct energyd_cgroup_record {
	__u32 type;
	__u32 drain; /* sequence number of the drain that wrote it */
	struct energyd_cgroup_key key;
	__u64 cpu_ns[ENERGYD_CLASSES];
	__u64 shared_ns;
	__u64 wait_ns;
	__u64 voluntary;
	__u64 involuntary;
	struct energyd_counted counted;
	struct energyd_waits waits;
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
ENERGYD_ASSERT_SIZE(energyd_config, 32);
ENERGYD_ASSERT_SIZE(energyd_cgroup_key, 16);
ENERGYD_ASSERT_SIZE(energyd_usage, 64);
ENERGYD_ASSERT_SIZE(energyd_counted, 32);
ENERGYD_ASSERT_SIZE(energyd_waits, 128);
ENERGYD_ASSERT_SIZE(energyd_process_key, 16);
ENERGYD_ASSERT_SIZE(energyd_process, 32);
ENERGYD_ASSERT_SIZE(energyd_counter_base, 24);
ENERGYD_ASSERT_SIZE(energyd_cpu, 608);
ENERGYD_ASSERT_SIZE(energyd_cgroup_record, 248);
ENERGYD_ASSERT_SIZE(energyd_process_record, 56);
ENERGYD_ASSERT_SIZE(energyd_lifecycle_record, 24 + ENERGYD_PATH_LENGTH);
ENERGYD_ASSERT_SIZE(energyd_drain, 16);

#endif

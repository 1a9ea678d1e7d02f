/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The contract between the kernel programs and the agent: every record and map value, and nothing else.
 *
 * Included by the programs and, through the CEnergyBPF module, by Swift. Sizes are asserted here, so both sides compile
 * against the same bytes. All totals only ever grow; all times are nanoseconds.
 */
#ifndef ENERGYD_EVENTS_H
#define ENERGYD_EVENTS_H

#include <linux/types.h>

#define ENERGYD_COMM_LENGTH 16
#define ENERGYD_NAME_LENGTH 256
/* Kinds of cores: performance, efficiency, low-power efficiency. */
#define ENERGYD_CLASSES 4
/* Run-queue waits: below 2^12 ns, below 2^13 ns, ... below 2^26 ns, and longer. */
#define ENERGYD_WAIT_BUCKETS 16
#define ENERGYD_WAIT_SHIFT 12
/* Hardware events: cycles, instructions, cache misses. */
#define ENERGYD_HW_EVENTS 3
/* Guesses per CPU, for cgroups and for processes; a power of two. */
#define ENERGYD_GUESSES 64
/* Slots per block of stamps; a power of two. */
#define ENERGYD_BLOCK 64
/*
 * A drain writes the slots that were charged in this many windows, the present one included. More than one, because a
 * program that runs on another CPU while a window ends may still charge under the number of the window before.
 */
#define ENERGYD_RECENT_WINDOWS 3

/* Set by the agent before the load. What is 0 costs nothing: the verifier removes it. */
struct energyd_config {
	__u32 cpu_count;        /* possible CPUs */
	__u32 track_processes;  /* 0 or 1 */
	__u32 v1_hierarchy;     /* id of the version 1 hierarchy with the cpuacct controller; 0 without one */
	__u32 track_waits;      /* 0 or 1 */
	__u32 track_siblings;   /* 0 or 1: cores have two threads */
	__u32 hw_events;        /* how many of the hardware events are open, the first ones; 0...ENERGYD_HW_EVENTS */
	__u32 track_classes;    /* 0 or 1: there are several kinds of cores */
	__u32 cgroup_capacity;  /* slots */
	__u32 process_capacity; /* slots */
	__u32 reserved;
};

/* What all CPUs share. */
struct energyd_shared {
	__u32 window; /* number of the present window, from 1; the agent begins a new one before every drain */
	__u32 reserved;
};

/*
 * The owner of a slot: a cgroup, or what a process ran within one.
 *
 * The id is the inode number of the cgroup's directory; 0 owns nothing.
 */
struct energyd_key {
	__u64 cgroup;
	__u32 tgid;      /* 0 for the cgroup itself */
	__u32 hierarchy; /* of the cgroup; 0 is the unified (v2) one */
};

/*
 * What one CPU counted for the cgroup of one slot: a cache line. The owner is kept in it, because a slot is given to
 * another cgroup once its own is gone: each CPU notices that by itself.
 */
struct energyd_usage {
	struct energyd_key owner;
	__u64 cpu_ns;
	__u64 shared_ns;   /* of which the core's other thread was busy too */
	__u64 wait_ns;     /* ready to run but waiting for a CPU */
	__u64 voluntary;   /* context switches: slept or waited */
	__u64 involuntary; /* context switches: was preempted */
	__u32 window;      /* in which this CPU last stamped the slot */
	__u32 reserved;
};

/* What one CPU counted for the process of one slot. */
struct energyd_process_usage {
	struct energyd_key owner;
	__u64 cpu_ns;
	__u32 window;
	__u32 reserved;
};

/* By block of slots: the window in which each was last charged, by whatever CPU. */
struct energyd_stamps {
	__u32 newest; /* of the block, or one or two windows older */
	__u32 reserved;
	__u32 window[ENERGYD_BLOCK];
};

/* Of the runs whose hardware events were counted. */
struct energyd_hw_counts {
	__u64 cpu_ns;
	__u64 count[ENERGYD_HW_EVENTS]; /* scaled for the time in which the event was not scheduled */
};

struct energyd_waits {
	__u64 bucket[ENERGYD_WAIT_BUCKETS];
};

enum energyd_process_state {
	ENERGYD_PROCESS_RUNNING = 0,
	ENERGYD_PROCESS_EXITED = 1,   /* its last thread is gone; the next drain writes it */
	ENERGYD_PROCESS_REPORTED = 2, /* and the one after it a last time */
};

/* By slot. */
struct energyd_process {
	struct energyd_key owner;
	__u32 state;
	__u32 reserved;
	char comm[ENERGYD_COMM_LENGTH];
};

/* A hardware event, as bpf_perf_event_read_value() reads it. */
struct energyd_hw_reading {
	__u64 count;
	__u64 enabled_ns;
	__u64 running_ns;
};

/*
 * What one CPU keeps for itself. The first fields describe the present run, which is the time of one task on this CPU
 * since its last event; then come totals.
 */
struct energyd_cpu {
	__u64 clock_ns;                /* run-queue clock of task time at the last event; 0 before the first */
	__u64 wall_ns;                 /* run-queue clock then: ahead by the time of interrupts and other machines */
	__u64 base_ns;                 /* sum_exec_runtime of the running task up to which it was charged */
	__u64 base_wait_ns;            /* its run_delay before this run */
	struct energyd_key key;        /* that the running task is charged to; cgroup 0 for the kernel itself */
	__u32 pid;                     /* of the running task; 0 is idle */
	__u32 is_counting;             /* 1 where the hardware events of this run are counted */
	__u64 sibling_idle_ns;         /* idle time of the core's other thread up to the last event */
	__u64 idle_ns;                 /* on the clock of task time */
	__u64 idle_wall_ns;            /* the same with interrupts and the time that other machines took */
	__u64 stolen_ns;               /* interrupts, the search for a task, other machines */
	struct energyd_usage kernel;   /* kernel threads of the root cgroup */
	struct energyd_usage overflow; /* of cgroups that the table had no room for */
	__u64 process_overflow_ns;     /* of processes that the table had no room for */
	__u64 resyncs;                 /* switches whose other half was not seen */
	__u64 totals_lost;             /* records that the ring had no room for */
	__u64 lifecycle_lost;
	__u32 is_flushing; /* 1 while the running task is charged in the middle of its run */
	__u32 is_ending;   /* 1 while the last thread of a process is charged at its exit */
	__u32 sibling;     /* the core's other thread; this CPU itself where it has none */
	__u32 core_class;  /* below ENERGYD_CLASSES */
	struct energyd_hw_reading base[ENERGYD_HW_EVENTS];
	__u64 moved_ns;                       /* sum_exec_runtime at which the running task was moved by another */
	__u32 moved_pid;                      /* that task; 0 for none */
	__u32 hw_mask;                        /* one run in mask + 1 is counted, by chance; a power of two less one */
	__u64 hw_read_ns;                     /* what reading every event once takes, as last measured */
	__u32 cgroup_guess[ENERGYD_GUESSES];  /* slots by the low bits of the cgroup id; verified by the owner */
	__u32 process_guess[ENERGYD_GUESSES]; /* slots by the low bits of the tgid; verified by the owner */
};

enum energyd_record_type {
	ENERGYD_RECORD_CGROUP = 1,
	ENERGYD_RECORD_PROCESS = 2,
	ENERGYD_RECORD_CGROUP_CREATED = 3,
	ENERGYD_RECORD_CGROUP_REMOVED = 4,
	ENERGYD_RECORD_CGROUP_RELEASED = 5,
	ENERGYD_RECORD_CGROUP_RENAMED = 6,
};

/* Ring `totals`: the totals of one cgroup, written by a drain. Cut after the last part that is kept. */
struct energyd_cgroup_record {
	__u32 type;
	__u32 reserved;
	struct energyd_key key;
	__u64 cpu_ns[ENERGYD_CLASSES];
	__u64 shared_ns;
	__u64 wait_ns;
	__u64 voluntary;
	__u64 involuntary;
	struct energyd_hw_counts hw;
	struct energyd_waits waits;
};

/* Ring `totals`: the totals of one process in one cgroup. One that was `REPORTED` has left its slot. */
struct energyd_process_record {
	__u32 type;
	__u32 slot;
	struct energyd_process process;
	__u64 cpu_ns;
};

/* Ring `lifecycle`: a cgroup was created, renamed or removed. */
struct energyd_lifecycle_record {
	__u32 type;
	__u32 level; /* of a cgroup that was created: below the root */
	struct energyd_key key;
	__u64 parent; /* id of the cgroup that it was created in */
};

/* The same of one that was created. `name` is cut to the length that is used, its terminating NUL included. */
struct energyd_creation_record {
	struct energyd_lifecycle_record head;
	char name[ENERGYD_NAME_LENGTH];
};

/* Context of the drain programs: what to write in, the outcome out. */
struct energyd_drain {
	__u32 window;
	__u32 is_full; /* 1 to write every slot, not only those of recent windows */
	__u32 written;
	__u32 lost;
};

#define ENERGYD_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type " has another layout")
ENERGYD_ASSERT_SIZE(energyd_config, 40);
ENERGYD_ASSERT_SIZE(energyd_shared, 8);
ENERGYD_ASSERT_SIZE(energyd_key, 16);
ENERGYD_ASSERT_SIZE(energyd_usage, 64);
ENERGYD_ASSERT_SIZE(energyd_process_usage, 32);
ENERGYD_ASSERT_SIZE(energyd_stamps, 264);
ENERGYD_ASSERT_SIZE(energyd_hw_counts, 32);
ENERGYD_ASSERT_SIZE(energyd_waits, 128);
ENERGYD_ASSERT_SIZE(energyd_process, 40);
ENERGYD_ASSERT_SIZE(energyd_hw_reading, 24);
ENERGYD_ASSERT_SIZE(energyd_cpu, 872);
ENERGYD_ASSERT_SIZE(energyd_cgroup_record, 248);
ENERGYD_ASSERT_SIZE(energyd_process_record, 56);
ENERGYD_ASSERT_SIZE(energyd_lifecycle_record, 32);
ENERGYD_ASSERT_SIZE(energyd_creation_record, 32 + ENERGYD_NAME_LENGTH);
ENERGYD_ASSERT_SIZE(energyd_drain, 16);

#endif

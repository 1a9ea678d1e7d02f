// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * CPU time per cgroup, exact and never lost.
 *
 * Every context switch charges the task that leaves the CPU with the growth of its own sum_exec_runtime, the number
 * behind cpu.stat, since this CPU saw it come. Totals lie in preallocated maps and only ever grow. Once per tick the
 * agent runs `flush_cpu` on each CPU that is not idle, which charges the task that is still running, then `drain`,
 * which writes one record per cgroup into a ring buffer. Nothing is written per context switch.
 *
 * The programs that the scheduler calls are here; those that the agent calls are in drain.h, the cgroups' coming and
 * going in lifecycle.h. Whom to charge, and where that is kept: slots.h. Hardware counters and waits: counters.h.
 */
#include <stdbool.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "events.h"
#include "kernel.h"
#include "maps.h"
#include "slots.h"
#include "counters.h"

/* The kernel asks for one of its own names; the sources are offered under either licence above. */
char LICENSE[] SEC("license") = "GPL";

/* Whether the running kernel has a helper. What it lacks is never reached, and so never seen by the verifier. */
#define HAS(helper) bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_##helper)

struct clocks {
	__u64 task; /* the clock of task time, which sum_exec_runtime follows */
	__u64 wall; /* the same with interrupts and the time that other machines took */
};

/* The run queue's clocks: no helper call. */
static __always_inline struct clocks clocks_of(struct task_struct *task)
{
	struct clocks now = {};

	if (bpf_core_field_exists(task->se.cfs_rq)) {
		struct rq *rq = task->se.cfs_rq->rq;
		now.task = rq->clock_task;
		now.wall = rq->clock;
	}
	if (!now.task)
		now.task = now.wall = bpf_ktime_get_ns();
	return now;
}

/* For how long a CPU has been idle up to now. */
static __always_inline __u64 idle_of(__u32 index, __u64 wall)
{
	__u32 zero = 0;
	struct energyd_cpu *cpu = bpf_map_lookup_percpu_elem(&cpus, &zero, index);

	if (!cpu)
		return 0;
	return cpu->idle_ns + (!cpu->pid && wall > cpu->wall_ns ? wall - cpu->wall_ns : 0);
}

enum turn {
	TURN_GOES_ON,
	TURN_ENDED_BY_ITSELF,
	TURN_ENDED_BY_OTHERS,
};

/* Adds CPU time to a cgroup, or to `overflow` where the table is full. */
static __always_inline struct energyd_usage *add(struct energyd_cpu *cpu, struct task_struct *task,
						 const struct energyd_cgroup_key *key, __u64 ns, __u32 *slot)
{
	struct energyd_usage *usage = key->cgroup ? usage_of(cpu, key, slot) : &cpu->kernel;

	if (!usage)
		usage = &cpu->overflow;
	usage->cpu_ns += ns;
	if (config.track_processes && key->cgroup) {
		struct energyd_process *process = process_of(task, key);

		/* Threads of one process run on several CPUs at once. */
		if (process)
			__sync_fetch_and_add(&process->cpu_ns, ns);
		else if (!(task->flags & PF_EXITING))
			cpu->process_overflow_ns += ns;
	}
	return usage;
}

/*
 * The switch that brought `task` was not seen (the kernel skips a program rather than let it recurse, and does not
 * trace every thread), so what is kept of this CPU is another task's. `task` ran as long as the scheduler says since it
 * was picked, the rest of the time was the other's. Returns the first.
 */
static __noinline __u64 resync(struct energyd_cpu *cpu, struct task_struct *task, __u64 elapsed)
{
	__u64 turn = task->se.sum_exec_runtime;
	struct energyd_usage *usage = &cpu->kernel;
	__u32 slot;

	/* Real-time tasks do not keep it up to date: then the time that passed is the least. */
	if (bpf_core_field_exists(task->se.prev_sum_exec_runtime))
		turn -= task->se.prev_sum_exec_runtime;
	if (turn > elapsed)
		turn = elapsed;
	cpu->resyncs++;
	if (!cpu->pid) {
		cpu->idle_ns += elapsed - turn;
		return turn;
	}
	if (cpu->key.cgroup)
		usage = usage_of(cpu, &cpu->key, &slot);
	if (!usage)
		usage = &cpu->overflow;
	usage->cpu_ns += elapsed - turn;
	return turn;
}

/*
 * Charges the CPU time of `task` on this CPU since it was last charged.
 *
 * It goes to the cgroup that the task was in when it came; one that was moved meanwhile left a mark that says up to
 * where.
 */
static __always_inline void charge(struct energyd_cpu *cpu, struct task_struct *task, struct clocks now, enum turn turn,
				   const struct counters *counters)
{
	__u64 total = task->se.sum_exec_runtime, elapsed = now.task > cpu->clock_ns ? now.task - cpu->clock_ns : 0;
	struct energyd_cgroup_key key;
	__u64 ns, waited = 0;
	__u32 slot = NO_SLOT;
	bool is_known = cpu->pid == (__u32)task->pid;

	if (is_known) {
		key = cpu->key;
		ns = total > cpu->base_ns ? total - cpu->base_ns : 0;
		if (turn != TURN_GOES_ON)
			waited = run_delay(task) - cpu->base_wait_ns;
		if (cpu->moved_pid) {
			__u64 before = cpu->moved_ns > cpu->base_ns ? cpu->moved_ns - cpu->base_ns : 0;
			if (cpu->moved_pid == cpu->pid && before < ns) {
				add(cpu, task, &key, before, &slot);
				ns -= before;
				key = cgroup_of(task);
			}
			cpu->moved_pid = 0;
		}
	} else {
		/* Its time was charged by the programs that this object is about to replace. */
		if (!elapsed)
			return;
		key = cgroup_of(task);
		ns = resync(cpu, task, elapsed);
	}

	struct energyd_usage *usage = add(cpu, task, &key, ns, &slot);
	if (turn == TURN_ENDED_BY_ITSELF)
		usage->voluntary++;
	else if (turn == TURN_ENDED_BY_OTHERS)
		usage->involuntary++;
	usage->wait_ns += waited;
	if (config.track_siblings && cpu->sibling != bpf_get_smp_processor_id()) {
		__u64 idle = idle_of(cpu->sibling, now.wall) - cpu->sibling_idle_ns;

		if (is_known && elapsed > idle)
			usage->shared_ns += elapsed - idle < ns ? elapsed - idle : ns;
	}
	if (config.track_waits && is_known && turn != TURN_GOES_ON) {
		struct energyd_waits *histogram = bpf_map_lookup_elem(&waits, &slot);
		__u32 bucket = wait_bucket(waited);

		if (histogram && bucket < ENERGYD_WAIT_BUCKETS)
			histogram->bucket[bucket]++;
	}
	if (config.counters && is_known && counters)
		count(cpu, slot, ns, counters);
}

/* From here on, the time of this CPU is the task's. */
static __always_inline void begin(struct energyd_cpu *cpu, struct task_struct *task, struct clocks now)
{
	if (cpu->wall_ns) {
		__u64 wall = now.wall - cpu->wall_ns, run = now.task - cpu->clock_ns;
		if (wall > run)
			cpu->stolen_ns += wall - run;
	}
	cpu->clock_ns = now.task;
	cpu->wall_ns = now.wall;
	cpu->pid = task->pid;
	if (!task->pid)
		return;
	cpu->base_ns = task->se.sum_exec_runtime;
	cpu->key = cgroup_of(task);
	if (config.track_siblings)
		cpu->sibling_idle_ns = idle_of(cpu->sibling, now.wall);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct energyd_cpu *cpu = this_cpu();
	if (!cpu)
		return 0;

	struct clocks now = clocks_of(prev);
	struct counters counters = {};
	bool is_counted = false, counts_next = false;
	if (config.counters) {
		/* By chance: who takes turns with another one would always be counted, or never. */
		counts_next = next->pid && (!cpu->counter_mask || !(bpf_get_prandom_u32() & cpu->counter_mask));
		if (cpu->is_counting || counts_next)
			is_counted = read_counters(&counters);
	}
	if (cpu->clock_ns) {
		if (prev->pid)
			charge(cpu, prev, now, !preempt && is_blocked(prev) ? TURN_ENDED_BY_ITSELF : TURN_ENDED_BY_OTHERS,
			       is_counted && cpu->is_counting ? &counters : 0);
		else if (now.task > cpu->clock_ns)
			cpu->idle_ns += now.task - cpu->clock_ns;
	}
	begin(cpu, next, now);
	cpu->base_wait_ns = run_delay(next);
	if (config.counters) {
		cpu->is_counting = is_counted && counts_next;
		__builtin_memcpy(cpu->base, counters.now, sizeof(cpu->base));
	}
	return 0;
}

/*
 * Charges the task that is on this CPU now. Preemption must be off, interrupts need not: what comes in between (a flush)
 * stays away, or a turn would be charged twice.
 */
static __always_inline void settle(struct task_struct *task)
{
	struct energyd_cpu *cpu = this_cpu();
	/* An idle CPU's time is told by its next switch; but without a first event it would have no beginning. */
	if (!cpu || READ_ONCE(cpu->is_settling) || (!task->pid && cpu->clock_ns))
		return;
	WRITE_ONCE(cpu->is_settling, 1);

	struct clocks now = clocks_of(task);
	struct counters counters = {};
	bool is_counted = config.counters && cpu->is_counting && read_counters(&counters);
	if (cpu->clock_ns)
		charge(cpu, task, now, TURN_GOES_ON, is_counted ? &counters : 0);
	/* Its coming was not seen: what it has waited before is not of this turn. */
	if (cpu->pid != (__u32)task->pid)
		cpu->base_wait_ns = run_delay(task);
	begin(cpu, task, now);
	if (config.counters) {
		cpu->is_counting = is_counted;
		__builtin_memcpy(cpu->base, counters.now, sizeof(cpu->base));
	}
	WRITE_ONCE(cpu->is_settling, 0);
}

/*
 * Never attached: the agent runs it on chosen CPUs, because a task that does not switch (pinned real-time, DPDK, a
 * long computation) would otherwise stay invisible until it does.
 */
SEC("raw_tp/sched_switch")
int flush_cpu(void *ctx)
{
	settle(bpf_get_current_task_btf());
	return 0;
}

/*
 * The same before Linux 5.11, which has no typed way to the current task: only what was seen to come is charged.
 * Without hardware counters, which then are read at switches alone.
 */
SEC("raw_tp/sched_switch")
int flush_cpu_untyped(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 pid = BPF_CORE_READ(task, pid), slot;
	struct energyd_cpu *cpu = this_cpu();
	struct energyd_usage *usage;

	if (!cpu || !pid || cpu->pid != pid || READ_ONCE(cpu->is_settling))
		return 0;
	__u64 total = BPF_CORE_READ(task, se.sum_exec_runtime);
	if (total <= cpu->base_ns)
		return 0;
	usage = cpu->key.cgroup ? usage_of(cpu, &cpu->key, &slot) : &cpu->kernel;
	if (!usage)
		usage = &cpu->overflow;
	usage->cpu_ns += total - cpu->base_ns;
	if (config.track_processes && cpu->key.cgroup) {
		struct energyd_process_key key = {
			.cgroup = cpu->key.cgroup, .tgid = BPF_CORE_READ(task, tgid), .hierarchy = cpu->key.hierarchy};
		struct energyd_process *process = bpf_map_lookup_elem(&processes, &key);

		if (process)
			__sync_fetch_and_add(&process->cpu_ns, total - cpu->base_ns);
		else
			cpu->process_overflow_ns += total - cpu->base_ns;
	}
	cpu->base_ns = total;
	/* One that was moved meanwhile is its new cgroup's from here on. */
	if (!config.v1_hierarchy && cpu->key.cgroup)
		cpu->key.cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	if (bpf_core_field_exists(task->se.cfs_rq)) {
		struct clocks now = {
			.task = BPF_CORE_READ(task, se.cfs_rq, rq, clock_task),
			.wall = BPF_CORE_READ(task, se.cfs_rq, rq, clock),
		};
		__u64 wall = now.wall - cpu->wall_ns, run = now.task - cpu->clock_ns;

		if (wall > run)
			cpu->stolen_ns += wall - run;
		cpu->clock_ns = now.task;
		cpu->wall_ns = now.wall;
	}
	return 0;
}

#include "drain.h"
#include "lifecycle.h"

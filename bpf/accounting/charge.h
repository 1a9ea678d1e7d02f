/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Charges CPU time: every task with what it ran on this CPU since it was last charged. */
#ifndef ENERGYD_CHARGE_H
#define ENERGYD_CHARGE_H

/* For how long a CPU has been idle up to now. */
static __always_inline __u64 idle_of(__u32 index, __u64 wall)
{
	struct energyd_cpu *cpu = cpu_of(index);

	if (!cpu)
		return 0;
	return cpu->idle_ns + (!cpu->pid && wall > cpu->wall_ns ? wall - cpu->wall_ns : 0);
}

/* How a run on a CPU ends. */
enum run_end {
	RUN_CONTINUES,
	RUN_ENDED_VOLUNTARILY,
	RUN_ENDED_BY_PREEMPTION,
};

/* Adds CPU time to a cgroup, or to `overflow` where the table is full. */
static __always_inline struct energyd_usage *add(struct energyd_cpu *cpu, struct task_struct *task,
						 const struct energyd_key *key, __u64 ns, __u32 *slot)
{
	struct energyd_usage *usage = &cpu->kernel;

	if (key->cgroup) {
		__u32 window = current_window();

		usage = usage_of(cpu, key, window, slot);
		if (!usage)
			usage = &cpu->overflow;
		if (config.track_processes) {
			struct energyd_key process = {
				.cgroup = key->cgroup, .tgid = task->tgid, .hierarchy = key->hierarchy};

			if (!charge_process(cpu, task, &process, ns, window) && may_claim_process(cpu, task))
				cpu->process_overflow_ns += ns;
		}
	}
	usage->cpu_ns += ns;
	return usage;
}

/* The same, out of line: for a task that was moved in the middle of its run. */
static __noinline void add_before_move(struct energyd_cpu *cpu, struct task_struct *task, const struct energyd_key *key,
				       __u64 ns)
{
	__u32 slot;

	if (cpu && key)
		add(cpu, task, key, ns, &slot);
}

/*
 * The switch that brought `task` was not seen (the kernel skips a program rather than let it recurse, and does not
 * trace every thread), so what is kept of this CPU is another task's. `task` ran as long as the scheduler says since it
 * was picked, the rest of the time was the other's. Returns the first.
 */
static __noinline __u64 resync(struct energyd_cpu *cpu, struct task_struct *task, __u64 total, __u64 elapsed)
{
	__u64 run = total;
	struct energyd_usage *usage = &cpu->kernel;
	__u32 slot;

	/* Real-time tasks do not keep it up to date: then the time that passed is the least. */
	if (bpf_core_field_exists(task->se.prev_sum_exec_runtime))
		run -= task->se.prev_sum_exec_runtime;
	if (run > elapsed)
		run = elapsed;
	cpu->resyncs++;
	if (!cpu->pid) {
		cpu->idle_ns += elapsed - run;
		return run;
	}
	if (cpu->key.cgroup)
		usage = usage_of(cpu, &cpu->key, current_window(), &slot);
	if (!usage)
		usage = &cpu->overflow;
	usage->cpu_ns += elapsed - run;
	return run;
}

/*
 * Charges the CPU time of `task` on this CPU since it was last charged.
 *
 * It goes to the cgroup that the task was in when it came; one that was moved meanwhile left a mark that says up to
 * where. `total` is its sum_exec_runtime, read once: outside of a switch a timer tick may raise it at any moment, and
 * what the tick adds must neither be lost nor charged twice.
 */
static __always_inline void charge(struct energyd_cpu *cpu, struct task_struct *task, __u64 total, struct clocks now,
				   enum run_end end, const struct hw_readings *readings)
{
	__u64 elapsed = now.task > cpu->clock_ns ? now.task - cpu->clock_ns : 0;
	struct energyd_key key;
	__u64 ns, waited = 0;
	__u32 slot = NO_SLOT;
	bool is_known = cpu->pid == (__u32)task->pid;

	if (is_known) {
		__u64 base = cpu->base_ns;

		key = cpu->key;
		ns = total > base ? total - base : 0;
		/* Before it is added: a switch in between charges only what comes after. */
		if (total > base)
			cpu->base_ns = total;
		if (end != RUN_CONTINUES)
			waited = run_delay_of(task) - cpu->base_wait_ns;
		if (cpu->moved_pid) {
			__u64 before = cpu->moved_ns > base ? cpu->moved_ns - base : 0;
			if (cpu->moved_pid == cpu->pid && before < ns) {
				add_before_move(cpu, task, &key, before);
				ns -= before;
				key = cgroup_of(task, config.v1_hierarchy);
			}
			cpu->moved_pid = 0;
		}
	} else {
		/* Its time was charged by the programs that this object is about to replace. */
		if (!elapsed)
			return;
		key = cgroup_of(task, config.v1_hierarchy);
		ns = resync(cpu, task, total, elapsed);
	}

	struct energyd_usage *usage = add(cpu, task, &key, ns, &slot);
	if (end == RUN_ENDED_VOLUNTARILY)
		usage->voluntary++;
	else if (end == RUN_ENDED_BY_PREEMPTION)
		usage->involuntary++;
	usage->wait_ns += waited;
	if (config.track_siblings && cpu->sibling != bpf_get_smp_processor_id()) {
		__u64 idle = idle_of(cpu->sibling, now.wall) - cpu->sibling_idle_ns;

		if (is_known && elapsed > idle)
			usage->shared_ns += elapsed - idle < ns ? elapsed - idle : ns;
	}
	if (config.track_waits && is_known && end != RUN_CONTINUES) {
		struct energyd_waits *histogram = bpf_map_lookup_elem(&waits, &slot);
		__u32 bucket = wait_bucket(waited);

		if (histogram && bucket < ENERGYD_WAIT_BUCKETS)
			histogram->bucket[bucket]++;
	}
	if (config.hw_events && is_known && readings)
		add_hw_counts(cpu, slot, ns, readings);
}

/* From here on, the time of this CPU is the task's. `total` is its sum_exec_runtime up to which it was charged. */
static __always_inline void begin_run(struct energyd_cpu *cpu, struct task_struct *task, __u64 total, struct clocks now)
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
	cpu->base_ns = total;
	cpu->key = cgroup_of(task, config.v1_hierarchy);
	if (config.track_siblings)
		cpu->sibling_idle_ns = idle_of(cpu->sibling, now.wall);
}

/*
 * Charges the task that is on this CPU now. Preemption must be off, interrupts need not: a flush that comes in between
 * does nothing, or a run would be charged twice.
 */
static __always_inline void flush_current(struct task_struct *task)
{
	struct energyd_cpu *cpu = this_cpu();
	/* An idle CPU's time is known at its next switch; but without a first event it would have no beginning. */
	if (!cpu || READ_ONCE(cpu->is_flushing) || (!task->pid && cpu->clock_ns))
		return;
	WRITE_ONCE(cpu->is_flushing, 1);

	struct clocks now = clocks_of(task);
	__u64 total = READ_ONCE(task->se.sum_exec_runtime);
	struct hw_readings readings = {};
	bool is_counted = config.hw_events && cpu->is_counting && read_hw_events(&readings);
	if (cpu->clock_ns)
		charge(cpu, task, total, now, RUN_CONTINUES, is_counted ? &readings : 0);
	/* Where the beginning of the run was not seen, what the task waited before does not belong to it. */
	if (cpu->pid != (__u32)task->pid)
		cpu->base_wait_ns = run_delay_of(task);
	/* A switch away and back in between has charged more already. */
	else if (cpu->base_ns > total)
		total = cpu->base_ns;
	begin_run(cpu, task, total, now);
	if (config.hw_events) {
		cpu->is_counting = is_counted;
		__builtin_memcpy(cpu->base, readings.event, sizeof(cpu->base));
	}
	WRITE_ONCE(cpu->is_flushing, 0);
}

#endif

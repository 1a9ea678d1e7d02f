/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Charges CPU time: what a task ran on this CPU since it was last charged. */
#ifndef ENERGYD_CHARGE_H
#define ENERGYD_CHARGE_H

/*
 * How long a CPU has been idle up to now, by the wall clock: an idle virtual CPU is not busy while it waits for the
 * hypervisor to run it.
 */
static __always_inline __u64 idle_of(__u32 index, __u64 wall)
{
	struct energyd_cpu *cpu = cpu_of(index);

	if (!cpu)
		return 0;
	return cpu->idle_wall_ns + (!cpu->pid && wall > cpu->wall_ns ? wall - cpu->wall_ns : 0);
}

/* Ends a period in which the CPU was idle. */
static __always_inline void end_idle(struct energyd_cpu *cpu, struct clocks now)
{
	if (now.task > cpu->clock_ns)
		cpu->idle_ns += now.task - cpu->clock_ns;
	if (now.wall > cpu->wall_ns)
		cpu->idle_wall_ns += now.wall - cpu->wall_ns;
}

/* How a run on a CPU ends. */
enum run_end {
	RUN_CONTINUES,
	RUN_ENDED_VOLUNTARILY,
	RUN_ENDED_BY_PREEMPTION,
};

/* Adds CPU time to a cgroup, or to `overflow` where the table is full. */
static __always_inline struct energyd_usage *charge_cgroup(struct energyd_cpu *cpu, const struct energyd_key *key,
							   __u64 ns, __u32 window, __u32 *slot)
{
	struct energyd_usage *usage = key->cgroup ? usage_of(cpu, key, window, slot) : &cpu->kernel;

	if (!usage)
		usage = &cpu->overflow;
	usage->cpu_ns += ns;
	return usage;
}

/* The same for a process of the cgroup `key`. Returns what charge_process does. */
static __always_inline __u64 charge_process_of(struct energyd_cpu *cpu, const struct energyd_key *key, __u32 tgid,
					       bool may_claim, __u64 ns, __u32 window)
{
	struct energyd_key process = {.cgroup = key->cgroup, .tgid = tgid, .hierarchy = key->hierarchy};
	__u64 found;

	if (!config.track_processes || !key->cgroup)
		return NO_SLOT;
	found = charge_process(cpu, &process, may_claim, ns, window);
	if (found == NO_SLOT && may_claim)
		cpu->process_overflow_ns += ns;
	return found;
}

/* The task that runs on a CPU was moved. If it was moved in this run before, what came first belongs to the first cgroup. */
static __always_inline void note_move(struct energyd_cpu *cpu, struct task_struct *task)
{
	if (cpu->moved_pid == (__u32)task->pid && cpu->moved_ns >= cpu->base_ns)
		return;
	cpu->moved_ns = task->se.sum_exec_runtime;
	cpu->moved_pid = task->pid;
}

/*
 * Charges what a task ran before it was moved during its run. `leaves` where it was the only thread of its process. Not
 * static: see find_cgroup.
 */
__noinline __u64 charge_before_move(__u64 ns, __u32 tgid, bool may_claim, bool leaves)
{
	struct energyd_cpu *cpu = this_cpu();
	__u32 window = current_window(), slot;
	struct energyd_key key;

	if (!cpu)
		return NO_SLOT;
	key = cpu->key;
	charge_cgroup(cpu, &key, ns, window, &slot);
	__u64 found = charge_process_of(cpu, &key, tgid, may_claim, ns, window);
	if (config.track_processes && leaves)
		end_process(&key, tgid);
	return found;
}

/*
 * The switch to the present task was not seen (the kernel skips a program rather than let it recurse, and does not
 * trace every thread), so the state of this CPU describes another task. The present one ran for `run` since the
 * scheduler picked it; the rest of the time belongs to the other one. Returns the time of the present task, at most
 * `elapsed`. Not static: see find_cgroup.
 */
__noinline __u64 resync(__u64 run, __u64 elapsed)
{
	struct energyd_cpu *cpu = this_cpu();
	struct energyd_key key;
	__u32 slot;

	if (run > elapsed)
		run = elapsed;
	if (!cpu)
		return run;
	cpu->resyncs++;
	if (!cpu->pid) {
		cpu->idle_ns += elapsed - run;
		cpu->idle_wall_ns += elapsed - run;
		return run;
	}
	key = cpu->key;
	charge_cgroup(cpu, &key, elapsed - run, current_window(), &slot);
	return run;
}

/*
 * A task that stops is charged up to there. What the kernel then takes to find another one, to pull it over from
 * another CPU, say, is no task's time: it is counted with the interrupts.
 */
static __always_inline void count_search(struct energyd_cpu *cpu, struct task_struct *task, __u64 now, __u64 elapsed)
{
	__u64 search = now - task->se.exec_start;

	/* Without this field `now` is of another clock. One comparison refuses both a past and a future start. */
	if (bpf_core_field_exists(task->se.cfs_rq) && search <= elapsed)
		cpu->stolen_ns += search;
}

/*
 * Charges the CPU time of `task` on this CPU since it was last charged.
 *
 * It is charged to the cgroup that the task was in when it was switched in; if the task was moved since, only up to the
 * recorded time of the move. `total` is its sum_exec_runtime, read once: outside of a switch a timer tick may raise it
 * at any moment, and what the tick adds must neither be lost nor charged twice.
 */
static __always_inline void charge(struct energyd_cpu *cpu, struct task_struct *task, __u64 total, struct clocks now,
				   enum run_end end, const struct hw_readings *readings)
{
	__u64 elapsed = now.task > cpu->clock_ns ? now.task - cpu->clock_ns : 0;
	struct energyd_key key;
	__u64 ns, waited = 0;
	__u32 slot = NO_SLOT;
	bool is_known = cpu->pid == (__u32)task->pid, may_claim = may_claim_process(cpu, task);
	__u32 window = current_window();
	struct energyd_usage *usage;

	if (is_known) {
		__u64 base = cpu->base_ns;

		key = cpu->key;
		ns = total > base ? total - base : 0;
		/* Before the time is added, so that a switch in between charges only what comes after. */
		if (total > base)
			cpu->base_ns = total;
		if (end != RUN_CONTINUES) {
			waited = run_delay_of(task) - cpu->base_wait_ns;
			count_search(cpu, task, now.task, elapsed);
		}
		if (cpu->moved_pid) {
			__u64 before = cpu->moved_ns > base ? cpu->moved_ns - base : 0;
			if (cpu->moved_pid == cpu->pid && before < ns) {
				struct energyd_key next = cgroup_of(task, config.v1_hierarchy);
				bool leaves = task->signal->live.counter == 1 && !is_same(&key, &next);
				__u64 found = charge_before_move(before, task->tgid, may_claim, leaves);
				if (found & IS_NEW)
					name_process(found, task);
				ns -= before;
				key = next;
			}
			cpu->moved_pid = 0;
		}
	} else {
		/* The programs that this object is about to replace have charged it. */
		if (!elapsed)
			return;
		key = cgroup_of(task, config.v1_hierarchy);
		/* Not kept up to date for real-time tasks: resync limits it to the time that passed. */
		ns = total;
		if (bpf_core_field_exists(task->se.prev_sum_exec_runtime))
			ns -= task->se.prev_sum_exec_runtime;
		ns = resync(ns, elapsed);
	}

	usage = charge_cgroup(cpu, &key, ns, window, &slot);
	__u64 found = charge_process_of(cpu, &key, task->tgid, may_claim, ns, window);
	if (found & IS_NEW)
		name_process(found, task);
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

/* From here on, the CPU's time belongs to `task`, which has been charged up to the sum_exec_runtime `total`. */
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
 * Charges the task that is running on this CPU. Preemption must be off, interrupts need not: a nested flush does
 * nothing, so no run is charged twice.
 */
static __always_inline void flush_current(struct task_struct *task)
{
	struct energyd_cpu *cpu = this_cpu();
	/* Idle time is counted at the next switch; only the first event must be taken, as the start of it. */
	if (!cpu || READ_ONCE(cpu->is_flushing) || (!task->pid && cpu->clock_ns))
		return;
	WRITE_ONCE(cpu->is_flushing, 1);

	struct clocks now = clocks_of(task);
	__u64 total = READ_ONCE(task->se.sum_exec_runtime);
	struct hw_readings readings = {};
	bool is_counted = config.hw_events && cpu->is_counting && read_hw_events(&readings);
	if (cpu->clock_ns)
		charge(cpu, task, total, now, RUN_CONTINUES, is_counted ? &readings : 0);
	/* Where the start of the run was not seen, do not count how long the task waited before it. */
	if (cpu->pid != (__u32)task->pid)
		cpu->base_wait_ns = run_delay_of(task);
	/* A switch away and back in the meantime has already charged more. */
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

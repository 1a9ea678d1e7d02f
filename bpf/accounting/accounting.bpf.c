// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * CPU time per cgroup and process, exact and never lost.
 *
 * Every context switch charges the task that leaves the CPU with the growth of its own sum_exec_runtime, the number
 * behind cpu.stat, since it was switched in. Totals are kept in preallocated maps and only ever grow. Once per tick the
 * agent runs `flush_cpu` on each CPU that is not idle, which charges the task that is still running, then the drains,
 * which write one record per cgroup and process that was charged to a ring buffer. No record is written per switch.
 */
#include <stdbool.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "../events.h"
#include "../lib/kernel.h"
#include "../lib/tasks.h"
#include "maps.h"
#include "slots.h"
#include "hardware_events.h"
#include "charge.h"
#include "drain.h"
#include "lifecycle.h"

/* The kernel only knows its own names of licences; the sources are offered under either of those above. */
char LICENSE[] SEC("license") = "GPL";

/* At every context switch. */

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct energyd_cpu *cpu = this_cpu();
	if (!cpu)
		return 0;

	struct clocks now = clocks_of(prev);
	struct hw_readings readings = {};
	bool is_counted = false, counts_next = false;
	if (config.hw_events) {
		/* At random: otherwise, of two tasks that alternate, one would always be counted and the other never. */
		counts_next = next->pid && (!cpu->hw_mask || !(bpf_get_prandom_u32() & cpu->hw_mask));
		if (cpu->is_counting || counts_next)
			is_counted = read_hw_events(&readings);
	}
	if (cpu->clock_ns) {
		if (prev->pid)
			charge(cpu, prev, prev->se.sum_exec_runtime, now,
			       !preempt && is_blocked(prev) ? RUN_ENDED_VOLUNTARILY : RUN_ENDED_BY_PREEMPTION,
			       is_counted && cpu->is_counting ? &readings : 0);
		else
			end_idle(cpu, now);
	}
	begin_run(cpu, next, next->se.sum_exec_runtime, now);
	cpu->base_wait_ns = run_delay_of(next);
	if (config.hw_events) {
		cpu->is_counting = is_counted && counts_next;
		__builtin_memcpy(cpu->base, readings.event, sizeof(cpu->base));
	}
	return 0;
}

/* Run by the agent. */

/*
 * Never attached: the agent runs it on chosen CPUs, because a task that does not switch (pinned real-time, DPDK, a
 * long computation) would otherwise stay invisible until it does.
 */
SEC("raw_tp/sched_switch")
int flush_cpu(void *ctx)
{
	flush_current(bpf_get_current_task_btf());
	return 0;
}

/*
 * The same before Linux 5.11, where the current task has no BTF type: only a task that was seen being switched in is
 * charged. Hardware events are then read at switches only.
 */
SEC("raw_tp/sched_switch")
int flush_cpu_untyped(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 pid = BPF_CORE_READ(task, pid), window = current_window(), slot;
	struct energyd_cpu *cpu = this_cpu();

	if (!cpu || !pid || cpu->pid != pid || READ_ONCE(cpu->is_flushing))
		return 0;
	__u64 total = BPF_CORE_READ(task, se.sum_exec_runtime);
	if (total <= cpu->base_ns)
		return 0;
	__u32 tgid = BPF_CORE_READ(task, tgid);
	__u64 base = cpu->base_ns;
	bool is_moved = cpu->moved_pid == pid && cpu->moved_ns >= base && cpu->moved_ns < total;
	if (is_moved && !config.v1_hierarchy) {
		charge_before_move(cpu->moved_ns - base, tgid, false, BPF_CORE_READ(task, signal, live.counter) == 1);
		base = cpu->moved_ns;
		cpu->key.cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	}
	cpu->moved_pid = 0;
	charge_cgroup(cpu, &cpu->key, total - base, window, &slot);
	charge_process_of(cpu, &cpu->key, tgid, false, total - base, window);
	cpu->base_ns = total;
	/* From here on, a task that was moved is charged to its new cgroup. */
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

/* Writes the totals of recently charged cgroups to the ring `totals`. */
SEC("syscall")
int drain_cgroups(struct energyd_drain *context)
{
	struct drain_progress progress = {.out = {.window = context->window, .is_full = context->is_full}};

	bpf_loop((config.cgroup_capacity + ENERGYD_BLOCK - 1) / ENERGYD_BLOCK, drain_cgroup_block, &progress, 0);
	context->written = progress.out.written;
	context->lost = progress.out.lost;
	return 0;
}

/* The same for processes. */
SEC("syscall")
int drain_processes(struct energyd_drain *context)
{
	struct drain_progress progress = {.out = {.window = context->window, .is_full = context->is_full}};

	bpf_loop((config.process_capacity + ENERGYD_BLOCK - 1) / ENERGYD_BLOCK, drain_process_block, &progress, 0);
	context->written = progress.out.written;
	context->lost = progress.out.lost;
	return 0;
}

/* Never attached: measures how long reading the hardware events takes on the CPU it is run on. */
SEC("raw_tp/sched_switch")
int measure_hw_events(void *ctx)
{
	struct energyd_cpu *cpu = this_cpu();
	struct hw_readings readings = {};
	__u64 start = bpf_ktime_get_ns();

	for (int i = 0; i < 64; i++)
		if (!read_hw_events(&readings))
			return 1;
	if (cpu)
		cpu->hw_read_ns = (bpf_ktime_get_ns() - start) / 64;
	return 0;
}

/* When cgroups are created, renamed and removed, and when tasks move between them: functions of the kernel. */

/* The last step of the creation of a cgroup. Repeated when controllers are switched on below it. */
SEC("fentry/kernfs_activate")
int BPF_PROG(on_kernfs_activate, struct kernfs_node *kn)
{
	struct cgroup *cgroup = cgroup_of_node(kn);

	if (cgroup)
		emit_created(cgroup);
	return 0;
}

SEC("fentry/kernfs_remove")
int BPF_PROG(on_kernfs_remove, struct kernfs_node *kn)
{
	struct cgroup *cgroup = cgroup_of_node(kn);

	if (cgroup)
		emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_REMOVED);
	return 0;
}

/* From here on no task can be charged to the cgroup: its last reference is gone. */
SEC("fentry/css_release_work_fn")
int BPF_PROG(on_css_release, struct work_struct *work)
{
	struct cgroup_subsys_state *css =
		(void *)work - bpf_core_field_offset(struct cgroup_subsys_state, destroy_work);

	if (!BPF_CORE_READ(css, ss))
		emit_lifecycle(BPF_CORE_READ(css, cgroup), ENERGYD_RECORD_CGROUP_RELEASED);
	return 0;
}

/* Cgroups can be renamed in version 1 only. */
SEC("fexit/kernfs_rename_ns")
int BPF_PROG(on_kernfs_rename, struct kernfs_node *kn, struct kernfs_node *parent, const char *name, const void *ns,
	     int result)
{
	struct cgroup *cgroup = cgroup_of_node(kn);

	if (cgroup && !result)
		emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_RENAMED);
	return 0;
}

/*
 * One thread was moved to another cgroup, by itself or by another task: what it ran before belongs to the old one. The
 * time of the move is recorded on the CPU it runs on, and its run is divided there when it is charged.
 */
SEC("fentry/cgroup_freezer_migrate_task")
int BPF_PROG(on_migrate, struct task_struct *task, struct cgroup *from, struct cgroup *to)
{
	struct energyd_cpu *cpu = this_cpu();

	/* The same where only controllers change. */
	if (!config.v1_hierarchy && from == to)
		return 0;
	if ((__u32)bpf_get_current_pid_tgid() != (__u32)task->pid) {
		if (!HAS(map_lookup_percpu_elem) || !bpf_core_field_exists(task->se.cfs_rq))
			return 0;
		cpu = cpu_of(task->se.cfs_rq->rq->cpu);
	}
	if (!cpu || cpu->pid != (__u32)task->pid)
		return 0;
	note_move(cpu, task);
	return 0;
}

/* The same by tracepoints, where the kernel cannot attach programs to its functions. See lifecycle.h. */

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	emit_created(cgroup);
	return 0;
}

SEC("tp_btf/cgroup_rename")
int BPF_PROG(on_cgroup_rename, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_RENAMED);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_REMOVED);
	return 0;
}

SEC("tp_btf/cgroup_release")
int BPF_PROG(on_cgroup_release, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_RELEASED);
	return 0;
}

/* The tracepoint fires after the move, which is why the old cgroup is kept per CPU. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *cgroup, const char *path, struct task_struct *task, bool whole_process)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct task_struct *current = task;
	struct energyd_key old = {};
	struct energyd_cpu *cpu = this_cpu();

	if (!cpu || !is_accounted(cgroup))
		return 0;
	/* A process is moved as a whole; the event names its first thread. */
	if (whole_process && (__u32)id != (__u32)task->pid && id >> 32 == (__u32)task->tgid &&
	    HAS(get_current_task_btf)) {
		current = bpf_get_current_task_btf();
	} else if ((__u32)id != (__u32)task->pid) {
		if (!HAS(map_lookup_percpu_elem) || !bpf_core_field_exists(task->se.cfs_rq))
			return 0;
		cpu = cpu_of(task->se.cfs_rq->rq->cpu);
		if (cpu && cpu->pid == (__u32)task->pid)
			note_move(cpu, task);
		return 0;
	}
	if (cpu->pid == (__u32)current->pid)
		old = cpu->key;
	flush_current(current);
	if (config.track_processes && whole_process && !is_same(&old, &cpu->key))
		end_process(&old, current->tgid);
	return 0;
}

/* When tasks change program, or end. */

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	struct energyd_key cgroup = cgroup_of(task, config.v1_hierarchy);
	struct energyd_process *process = known_process(&cgroup, task->tgid);

	if (process)
		__builtin_memcpy(process->comm, task->comm, sizeof(process->comm));
	return 0;
}

/*
 * A run whose start was not seen is charged here, while prev_sum_exec_runtime still tells when it started: later in its
 * exit the task is moved to another scheduler group, which sets that field again.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct energyd_cpu *cpu = this_cpu();
	bool ends = config.track_processes && !task->signal->live.counter;

	if (!cpu)
		return 0;
	/* A process that ends within its first run is seen here for the first time. */
	cpu->is_ending = ends;
	if (ends || cpu->pid != (__u32)task->pid)
		flush_current(task);
	cpu->is_ending = 0;
	if (ends) {
		struct energyd_key cgroup = cgroup_of(task, config.v1_hierarchy);

		end_process(&cgroup, task->tgid);
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the programs ask of a task. Includer: kernel.h, and a `v1_hierarchy` of 0 where there is no such hierarchy. */
#ifndef ENERGYD_TASKS_H
#define ENERGYD_TASKS_H

/* Whether the running kernel has a helper. What it lacks is never reached, and so never seen by the verifier. */
#define HAS(helper) bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_##helper)

/*
 * The cgroup to charge; 0 for the kernel's own threads in the root cgroup.
 *
 * On a hybrid machine the containers lie in the version 1 hierarchy and the units in the unified one: a task below the
 * root of the first belongs there.
 */
static __always_inline struct energyd_key cgroup_of(struct task_struct *task, __u32 v1_hierarchy)
{
	struct css_set *set = task->cgroups;
	struct cgroup *cgroup = set->dfl_cgrp;
	struct energyd_key key = {};

	if (v1_hierarchy) {
		struct cgroup *v1 = set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, cpuacct_cgrp_id)]->cgroup;
		if (v1->level > 0) {
			cgroup = v1;
			key.hierarchy = v1_hierarchy;
		}
	}
	if (!(task->flags & PF_KTHREAD) || cgroup->level > 0)
		key.cgroup = cgroup->kn->id;
	return key;
}

static __always_inline bool is_same(const struct energyd_key *a, const struct energyd_key *b)
{
	return a->cgroup == b->cgroup && a->tgid == b->tgid && a->hierarchy == b->hierarchy;
}

static __always_inline __u64 run_delay_of(struct task_struct *task)
{
	return bpf_core_field_exists(task->sched_info.run_delay) ? task->sched_info.run_delay : 0;
}

static __always_inline bool is_blocked(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state;
	return ((struct task_struct___old *)task)->state;
}

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

#endif

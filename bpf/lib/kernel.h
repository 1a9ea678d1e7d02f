/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The few kernel structures that energyd reads, with only the fields it uses. CO-RE relocates every access to the
 * running kernel's own layout, so neither order nor size matters here, and no generated vmlinux.h is needed.
 */
#ifndef ENERGYD_KERNEL_H
#define ENERGYD_KERNEL_H

#include <linux/types.h>

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct kernfs_node {
	__u64 id;
	const char *name;
	void *priv;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup;

struct work_struct {
	void *entry;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	/* NULL for what belongs to the cgroup itself. */
	void *ss;
	struct cgroup_subsys_state *parent;
	struct work_struct destroy_work;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
	int level;
};

/* Its values are the kernel's own: relocated. */
enum cgroup_subsys_id {
	cpuacct_cgrp_id = 1,
};

struct css_set {
	struct cgroup *dfl_cgrp;
	struct cgroup_subsys_state *subsys[16];
};

struct rq {
	int cpu;
	__u64 clock;
	__u64 clock_task;
};

struct cfs_rq {
	struct rq *rq;
};

struct sched_entity {
	__u64 exec_start;
	__u64 sum_exec_runtime;
	__u64 prev_sum_exec_runtime;
	struct cfs_rq *cfs_rq;
};

struct sched_info {
	unsigned long long run_delay;
};

struct signal_struct {
	atomic_t live;
};

struct task_struct {
	unsigned int __state;
	unsigned int flags;
	int pid;
	int tgid;
	struct sched_entity se;
	struct sched_info sched_info;
	struct css_set *cgroups;
	struct task_struct *group_leader;
	struct signal_struct *signal;
	char comm[16];
};

/* Before Linux 5.14. */
struct task_struct___old {
	volatile long state;
};

struct linux_binprm;

#pragma clang attribute pop

/* include/linux/sched.h */
#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000

#endif

// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Programs to compare with on sched_switch: nothing, one reading of the clock, and the way that LRU maps were used. */
#include <stdbool.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "../../bpf/lib/kernel.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} clock SEC(".maps");

struct process {
	__u64 cgroup;
	__u64 cpu_us;
	__u64 switches;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, __u64);
} started SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct process);
} totals SEC(".maps");

SEC("tp_btf/sched_switch")
int BPF_PROG(empty, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(clock_only, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&clock, &zero);

	if (value)
		*value = bpf_ktime_get_ns();
	return 0;
}

/* Two clock readings, two lookups and two updates in LRU maps: what accounting per process took in older agents. */
SEC("tp_btf/sched_switch")
int BPF_PROG(lru, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 pid = prev->pid, tgid = prev->tgid, next_pid = next->pid;
	__u64 now = bpf_ktime_get_ns(), zero = 0;
	__u64 *start = bpf_map_lookup_elem(&started, &pid);
	struct process *process = bpf_map_lookup_elem(&totals, &tgid);

	if (start) {
		__u64 us = (now - *start) / 1000;

		if (process) {
			process->cpu_us += us;
			process->switches++;
		} else {
			struct process fresh = {.cgroup = prev->cgroups->dfl_cgrp->kn->id, .cpu_us = us, .switches = 1};
			bpf_get_current_comm(&fresh.comm, sizeof(fresh.comm));
			bpf_map_update_elem(&totals, &tgid, &fresh, BPF_NOEXIST);
		}
		bpf_map_update_elem(&started, &pid, &zero, BPF_ANY);
	}
	now = bpf_ktime_get_ns();
	bpf_map_update_elem(&started, &next_pid, &now, BPF_ANY);
	return 0;
}

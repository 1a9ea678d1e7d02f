/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The maps that the programs share. Sizes are placeholders: the agent sets them before the load. */
#ifndef ENERGYD_MAPS_H
#define ENERGYD_MAPS_H

/* The only read-only datum, so that the agent can write it as a whole. */
const volatile struct energyd_config config = {.cpu_count = 1};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_cpu);
} cpus SEC(".maps");

/*
 * Cgroup to slot. Preallocated, so that the scheduler never waits for memory; not LRU, which would forget what it must
 * not. Asked only where a CPU's own cache does not know.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct energyd_cgroup_key);
	__type(value, __u32);
} slots SEC(".maps");

/* Slots that belong to nobody; filled by the agent. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_slots SEC(".maps");

/* By slot. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_usage);
} usages SEC(".maps");

/* By slot: a byte for each CPU on which its cgroup ever ran, so that a drain need not look at all of them. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 16);
} used_on SEC(".maps");

/* By slot, where hardware counters are open. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_counted);
} counted SEC(".maps");

/* By slot, where waits are told. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_waits);
} waits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct energyd_process_key);
	__type(value, struct energyd_process);
} processes SEC(".maps");

/* By CPU: the open hardware counters. */
struct counter_map {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};
struct counter_map counter_0 SEC(".maps");
struct counter_map counter_1 SEC(".maps");
struct counter_map counter_2 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} counters SEC(".maps");

/* Apart from the counters, so that a flood of one can never displace the other. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} lifecycle SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_lifecycle_record);
} scratch SEC(".maps");

static __always_inline struct energyd_cpu *this_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cpus, &zero);
}

#endif

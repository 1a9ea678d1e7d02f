/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The maps of the accounting. Sizes are placeholders: the agent sets them before the load. */
#ifndef ENERGYD_MAPS_H
#define ENERGYD_MAPS_H

/* The only read-only variable, so that the agent can write the section as a whole. */
const volatile struct energyd_config config = {.cpu_count = 1};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_shared);
} shared SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_cpu);
} cpus SEC(".maps");

/*
 * The tables of cgroups and of processes have the same parts:
 *
 *   slots   key to slot. Preallocated, so that the scheduler never waits for memory; not LRU, which would evict
 *           entries that are in use. Looked up only where a CPU's own guess was wrong.
 *   free    slots without an owner; filled by the agent
 *   owners  by slot: the owner, here for the drain
 *   usages  by slot and CPU: the totals
 *   used_on by slot: a byte for each CPU that ever charged its owner, so that a drain need not look at all of them
 *   stamps  by block of slots: the window in which each was last charged
 */
#define SLOTS_MAP(name)                                                                                                \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_HASH);                                                                       \
		__uint(max_entries, 1);                                                                                \
		__type(key, struct energyd_key);                                                                       \
		__type(value, __u32);                                                                                  \
	} name SEC(".maps")

#define FREE_MAP(name)                                                                                                 \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_STACK);                                                                      \
		__uint(max_entries, 1);                                                                                \
		__type(value, __u32);                                                                                  \
	} name SEC(".maps")

#define SLOT_ARRAY(name, map_type, value_type)                                                                         \
	struct {                                                                                                       \
		__uint(type, map_type);                                                                                \
		__uint(max_entries, 1);                                                                                \
		__type(key, __u32);                                                                                    \
		__type(value, value_type);                                                                             \
	} name SEC(".maps")

#define USED_ON_MAP(name)                                                                                              \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                                      \
		__uint(max_entries, 1);                                                                                \
		__uint(key_size, sizeof(__u32));                                                                       \
		__uint(value_size, 16);                                                                                \
	} name SEC(".maps")

SLOTS_MAP(cgroup_slots);
FREE_MAP(free_cgroup_slots);
SLOT_ARRAY(cgroups, BPF_MAP_TYPE_ARRAY, struct energyd_key);
SLOT_ARRAY(cgroup_usages, BPF_MAP_TYPE_PERCPU_ARRAY, struct energyd_usage);
USED_ON_MAP(cgroup_used_on);
SLOT_ARRAY(cgroup_stamps, BPF_MAP_TYPE_ARRAY, struct energyd_stamps);

SLOTS_MAP(process_slots);
FREE_MAP(free_process_slots);
SLOT_ARRAY(processes, BPF_MAP_TYPE_ARRAY, struct energyd_process);
SLOT_ARRAY(process_usages, BPF_MAP_TYPE_PERCPU_ARRAY, struct energyd_process_usage);
USED_ON_MAP(process_used_on);
SLOT_ARRAY(process_stamps, BPF_MAP_TYPE_ARRAY, struct energyd_stamps);

/* By slot of a cgroup, where hardware events are open, and where waits are counted. */
SLOT_ARRAY(hw_counts, BPF_MAP_TYPE_PERCPU_ARRAY, struct energyd_hw_counts);
SLOT_ARRAY(waits, BPF_MAP_TYPE_PERCPU_ARRAY, struct energyd_waits);

/* By CPU: the open hardware events. */
struct hw_event_map {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};
struct hw_event_map hw_event_0 SEC(".maps");
struct hw_event_map hw_event_1 SEC(".maps");
struct hw_event_map hw_event_2 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} totals SEC(".maps");

/* Apart from the totals, so that a flood of one cannot crowd out the other. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} lifecycle SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_creation_record);
} scratch SEC(".maps");

static __always_inline struct energyd_cpu *this_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cpus, &zero);
}

static __always_inline struct energyd_cpu *cpu_of(__u32 index)
{
	__u32 zero = 0;

	return bpf_map_lookup_percpu_elem(&cpus, &zero, index);
}

static __always_inline __u32 current_window(void)
{
	__u32 zero = 0;
	struct energyd_shared *value = bpf_map_lookup_elem(&shared, &zero);

	return value ? value->window : 0;
}

#endif

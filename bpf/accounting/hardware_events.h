/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Hardware events of a run, and how long the task waited for it. */
#ifndef ENERGYD_HARDWARE_EVENTS_H
#define ENERGYD_HARDWARE_EVENTS_H

struct hw_readings {
	struct energyd_hw_reading event[ENERGYD_HW_EVENTS];
};

#define READ_HW_EVENT(index)                                                                                           \
	if (config.hw_events > index &&                                                                                \
	    bpf_perf_event_read_value(&hw_event_##index, BPF_F_CURRENT_CPU, (void *)&readings->event[index],           \
				      sizeof(struct bpf_perf_event_value)))                                            \
		return false;

/* False where an event cannot be read; the run is then not counted. */
static __always_inline bool read_hw_events(struct hw_readings *readings)
{
	READ_HW_EVENT(0)
	READ_HW_EVENT(1)
	READ_HW_EVENT(2)
	return true;
}

/* Growth of a count, scaled for the part of the time in which the event shared the hardware with others. */
static __always_inline __u64 growth(const struct energyd_hw_reading *from, const struct energyd_hw_reading *to)
{
	__u64 count = to->count - from->count;
	__u64 enabled = to->enabled_ns - from->enabled_ns;
	__u64 running = to->running_ns - from->running_ns;

	if (running >= enabled || !running)
		return count;
	/* In 1/256, enough for a ratio that is itself an estimate, and without overflow. */
	return count * ((enabled << 8) / running) >> 8;
}

/* Adds what was counted in a run of `ns` to the cgroup of a slot. */
static __always_inline void add_hw_counts(struct energyd_cpu *cpu, __u32 slot, __u64 ns,
					  const struct hw_readings *readings)
{
	struct energyd_hw_counts *counts = bpf_map_lookup_elem(&hw_counts, &slot);

	if (!counts)
		return;
		/* An event that was not scheduled during this run, or whose CPU went offline, has not counted it. */
#pragma unroll
	for (__u32 i = 0; i < ENERGYD_HW_EVENTS; i++)
		if (i < config.hw_events && readings->event[i].running_ns == cpu->base[i].running_ns)
			return;
	counts->cpu_ns += ns;
#pragma unroll
	for (__u32 i = 0; i < ENERGYD_HW_EVENTS; i++)
		if (i < config.hw_events)
			counts->count[i] += growth(&cpu->base[i], &readings->event[i]);
}

/* 0 below 4 us, then one more for every doubling. */
static __always_inline __u32 wait_bucket(__u64 ns)
{
	__u64 value = ns >> ENERGYD_WAIT_SHIFT;
	__u32 bucket = 0;

	if (!value)
		return 0;
	if (value >> (ENERGYD_WAIT_BUCKETS - 2))
		return ENERGYD_WAIT_BUCKETS - 1;
	if (value >> 8) {
		bucket += 8;
		value >>= 8;
	}
	if (value >> 4) {
		bucket += 4;
		value >>= 4;
	}
	if (value >> 2) {
		bucket += 2;
		value >>= 2;
	}
	return bucket + (value >> 1) + 1;
}

#endif

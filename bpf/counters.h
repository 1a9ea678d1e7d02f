/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What else is told of a turn on a CPU: hardware counters, and how long it was waited for. */
#ifndef ENERGYD_COUNTERS_H
#define ENERGYD_COUNTERS_H

struct counters {
	struct energyd_counter_base now[ENERGYD_COUNTERS];
};

#define READ_COUNTER(index)                                                                                            \
	if (config.counters > index && bpf_perf_event_read_value(&counter_##index, BPF_F_CURRENT_CPU,                  \
								 (void *)&counters->now[index],                        \
								 sizeof(struct bpf_perf_event_value)))                 \
		return false;

/* False where a counter cannot be read: then nothing is known of this turn. */
static __always_inline bool read_counters(struct counters *counters)
{
	READ_COUNTER(0)
	READ_COUNTER(1)
	READ_COUNTER(2)
	return true;
}

/* Growth of a counter, scaled for the part of the time in which it shared the hardware with others. */
static __always_inline __u64 growth(const struct energyd_counter_base *from, const struct energyd_counter_base *to)
{
	__u64 count = to->counter - from->counter;
	__u64 enabled = to->enabled_ns - from->enabled_ns;
	__u64 running = to->running_ns - from->running_ns;

	if (running >= enabled || !running)
		return count;
	/* In 1/256, enough for a ratio that is itself an estimate, and without overflow. */
	return count * ((enabled << 8) / running) >> 8;
}

static __always_inline void count(struct energyd_cpu *cpu, __u32 slot, __u64 ns, const struct counters *counters)
{
	struct energyd_counted *counted_here = bpf_map_lookup_elem(&counted, &slot);

	if (!counted_here)
		return;
	/* A counter that was not scheduled in this turn, or went off with its CPU, tells nothing of it. */
#pragma unroll
	for (__u32 i = 0; i < ENERGYD_COUNTERS; i++)
		if (i < config.counters && counters->now[i].running_ns == cpu->base[i].running_ns)
			return;
	counted_here->cpu_ns += ns;
#pragma unroll
	for (__u32 i = 0; i < ENERGYD_COUNTERS; i++)
		if (i < config.counters)
			counted_here->counter[i] += growth(&cpu->base[i], &counters->now[i]);
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

static __always_inline __u64 run_delay(struct task_struct *task)
{
	return bpf_core_field_exists(task->sched_info.run_delay) ? task->sched_info.run_delay : 0;
}

static __always_inline bool is_blocked(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state;
	return ((struct task_struct___old *)task)->state;
}

#endif

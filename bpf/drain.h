/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The programs that the agent runs once per tick: they write every total to the ring `counters`. */
#ifndef ENERGYD_DRAIN_H
#define ENERGYD_DRAIN_H

struct bpf_map;

static __always_inline bool emit_counter(struct energyd_drain *out, void *record, __u64 size)
{
	struct energyd_cpu *cpu;

	/* No wake-up: the agent consumes the ring right after the drain. */
	if (!bpf_ringbuf_output(&counters, record, size, BPF_RB_NO_WAKEUP)) {
		out->written++;
		return true;
	}
	out->lost++;
	cpu = this_cpu();
	if (cpu)
		cpu->counters_lost++;
	return false;
}

struct sum {
	struct energyd_cgroup_record record;
	__u32 slot;
};

static __noinline long sum_cpu(__u32 index, struct sum *sum)
{
	struct energyd_usage *usage = bpf_map_lookup_percpu_elem(&usages, &sum->slot, index);
	__u32 zero = 0, core_class = 0;

	/* Nothing of it ran here. */
	if (!usage || !is_same(&usage->owner, &sum->record.key))
		return 0;
	if (config.track_classes) {
		struct energyd_cpu *cpu = bpf_map_lookup_percpu_elem(&cpus, &zero, index);
		core_class = cpu ? cpu->core_class : 0;
	}
	sum->record.cpu_ns[core_class & (ENERGYD_CLASSES - 1)] += usage->cpu_ns;
	sum->record.shared_ns += usage->shared_ns;
	sum->record.wait_ns += usage->wait_ns;
	sum->record.voluntary += usage->voluntary;
	sum->record.involuntary += usage->involuntary;
	if (config.counters) {
		struct energyd_counted *count = bpf_map_lookup_percpu_elem(&counted, &sum->slot, index);
		if (count) {
			sum->record.counted.cpu_ns += count->cpu_ns;
#pragma unroll
			for (__u32 i = 0; i < ENERGYD_COUNTERS; i++)
				sum->record.counted.counter[i] += count->counter[i];
		}
	}
	if (config.track_waits) {
		struct energyd_waits *histogram = bpf_map_lookup_percpu_elem(&waits, &sum->slot, index);
		if (histogram) {
#pragma unroll
			for (__u32 i = 0; i < ENERGYD_WAIT_BUCKETS; i++)
				sum->record.waits.bucket[i] += histogram->bucket[i];
		}
	}
	return 0;
}

/* Eight CPUs at a time. */
static long sum_cpus(__u32 word, struct sum *sum)
{
	void *used = bpf_map_lookup_elem(&used_on, &sum->slot);
	__u64 first = (__u64)(word & 0xffff) * 8, bytes;

	/* In one register, so that the verifier sees the check. */
	asm volatile("" : "+r"(first));
	if (!used || first >= config.cpu_count)
		return 1;
	bytes = *(__u64 *)(used + first);
	for (__u32 i = 0; bytes && i < 8; i++, bytes >>= 8)
		if (bytes & 1)
			sum_cpu(first + i, sum);
	return 0;
}

static long drain_cgroup(struct bpf_map *map, const struct energyd_cgroup_key *key, __u32 *slot,
			 struct energyd_drain *out)
{
	struct sum sum = {
		.record = {.type = ENERGYD_RECORD_CGROUP, .drain = out->drain, .key = *key},
		.slot = *slot,
	};
	__u64 size = __builtin_offsetof(struct energyd_cgroup_record, counted);

	if (config.track_waits)
		size = sizeof(sum.record);
	else if (config.counters)
		size = __builtin_offsetof(struct energyd_cgroup_record, waits);
	bpf_loop((config.cpu_count + 7) / 8, sum_cpus, &sum, 0);
	emit_counter(out, &sum.record, size);
	return 0;
}

/* Writes the totals of every cgroup to the ring `counters`. */
SEC("syscall")
int drain_cgroups(struct energyd_drain *context)
{
	struct energyd_drain out = {.drain = context->drain};

	bpf_for_each_map_elem(&slots, drain_cgroup, &out, 0);
	context->written = out.written;
	context->lost = out.lost;
	return 0;
}

static long drain_process(struct bpf_map *map, const struct energyd_process_key *key, struct energyd_process *process,
			  struct energyd_drain *out)
{
	struct energyd_process_record record = {
		.type = ENERGYD_RECORD_PROCESS,
		.drain = out->drain,
		.key = *key,
		.process = *process,
	};
	if (!emit_counter(out, &record, sizeof(record)))
		return 0;
	/* A process still runs for a moment after its exit is announced: it is told once more, then let go. */
	if (record.process.state == ENERGYD_PROCESS_EXITED)
		process->state = ENERGYD_PROCESS_REPORTED;
	else if (record.process.state == ENERGYD_PROCESS_REPORTED)
		bpf_map_delete_elem(&processes, key);
	return 0;
}

/* The same for every process. */
SEC("syscall")
int drain_processes(struct energyd_drain *context)
{
	struct energyd_drain out = {.drain = context->drain};

	bpf_for_each_map_elem(&processes, drain_process, &out, 0);
	context->written = out.written;
	context->lost = out.lost;
	return 0;
}

/* Never attached: tells what one reading of the hardware counters takes on the CPU it is run on. */
SEC("raw_tp/sched_switch")
int measure_counters(void *ctx)
{
	struct energyd_cpu *cpu = this_cpu();
	struct counters counters = {};
	__u64 start = bpf_ktime_get_ns();

	for (int i = 0; i < 64; i++)
		if (!read_counters(&counters))
			return 1;
	if (cpu)
		cpu->counter_read_ns = (bpf_ktime_get_ns() - start) / 64;
	return 0;
}

#endif

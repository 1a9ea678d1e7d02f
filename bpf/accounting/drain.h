/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes the totals of slots to the ring `totals`. */
#ifndef ENERGYD_DRAIN_H
#define ENERGYD_DRAIN_H

static __always_inline bool emit_total(struct energyd_drain *out, void *record, __u64 size)
{
	struct energyd_cpu *cpu;

	/* No wake-up: the agent consumes the ring right after the drain. */
	if (!bpf_ringbuf_output(&totals, record, size, BPF_RB_NO_WAKEUP)) {
		out->written++;
		return true;
	}
	out->lost++;
	cpu = this_cpu();
	if (cpu)
		cpu->totals_lost++;
	return false;
}

/* True for a slot that a drain has to write. */
static __always_inline bool is_due(const struct energyd_drain *out, __u32 stamped)
{
	return out->is_full || stamped + ENERGYD_RECENT_WINDOWS >= out->window;
}

/* A drain on its way through the blocks of slots. */
struct drain_progress {
	struct energyd_drain out;
	__u32 block;
};

struct cgroup_sum {
	struct energyd_cgroup_record record;
	__u32 slot;
};

static __noinline long sum_cpu(__u32 index, struct cgroup_sum *sum)
{
	struct energyd_usage *usage = bpf_map_lookup_percpu_elem(&cgroup_usages, &sum->slot, index);
	__u32 core_class = 0;

	/* Not charged on this CPU. */
	if (!usage || !is_same(&usage->owner, &sum->record.key))
		return 0;
	if (config.track_classes) {
		struct energyd_cpu *cpu = cpu_of(index);
		core_class = cpu ? cpu->core_class : 0;
	}
	sum->record.cpu_ns[core_class & (ENERGYD_CLASSES - 1)] += usage->cpu_ns;
	sum->record.shared_ns += usage->shared_ns;
	sum->record.wait_ns += usage->wait_ns;
	sum->record.voluntary += usage->voluntary;
	sum->record.involuntary += usage->involuntary;
	if (config.hw_events) {
		struct energyd_hw_counts *counts = bpf_map_lookup_percpu_elem(&hw_counts, &sum->slot, index);
		if (counts) {
			sum->record.hw.cpu_ns += counts->cpu_ns;
#pragma unroll
			for (__u32 i = 0; i < ENERGYD_HW_EVENTS; i++)
				sum->record.hw.count[i] += counts->count[i];
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
static long sum_cpus(__u32 word, struct cgroup_sum *sum)
{
	void *used = bpf_map_lookup_elem(&cgroup_used_on, &sum->slot);
	__u64 first = (__u64)(word & 0xffff) * 8, bytes;

	/* In one register, so that the verifier follows the check. */
	asm volatile("" : "+r"(first));
	if (!used || first >= config.cpu_count)
		return 1;
	bytes = *(__u64 *)(used + first);
	for (__u32 i = 0; bytes && i < 8; i++, bytes >>= 8)
		if (bytes & 1)
			sum_cpu(first + i, sum);
	return 0;
}

static __noinline long drain_cgroup(__u32 slot, struct energyd_drain *out)
{
	struct energyd_key *owner = bpf_map_lookup_elem(&cgroups, &slot);
	struct cgroup_sum sum = {.record = {.type = ENERGYD_RECORD_CGROUP}, .slot = slot};
	__u64 size = __builtin_offsetof(struct energyd_cgroup_record, hw);

	if (!owner || !owner->cgroup)
		return 0;
	sum.record.key = *owner;
	if (config.track_waits)
		size = sizeof(sum.record);
	else if (config.hw_events)
		size = __builtin_offsetof(struct energyd_cgroup_record, waits);
	bpf_loop((config.cpu_count + 7) / 8, sum_cpus, &sum, 0);
	emit_total(out, &sum.record, size);
	return 0;
}

static long drain_cgroup_place(__u32 place, struct drain_progress *progress)
{
	struct energyd_stamps *block = bpf_map_lookup_elem(&cgroup_stamps, &progress->block);

	if (!block)
		return 1;
	if (is_due(&progress->out, block->window[place & (ENERGYD_BLOCK - 1)]))
		drain_cgroup(progress->block * ENERGYD_BLOCK + place, &progress->out);
	return 0;
}

static long drain_cgroup_block(__u32 index, struct drain_progress *progress)
{
	struct energyd_stamps *block = bpf_map_lookup_elem(&cgroup_stamps, &index);

	if (!block)
		return 1;
	if (!is_due(&progress->out, block->newest))
		return 0;
	progress->block = index;
	bpf_loop(ENERGYD_BLOCK, drain_cgroup_place, progress, 0);
	return 0;
}

struct process_sum {
	struct energyd_process_record record;
	/* Whether the process gives up its slot; its per-CPU parts are then cleared. */
	bool ends;
};

static __noinline long sum_process_cpu(__u32 index, struct process_sum *sum)
{
	struct energyd_process_usage *usage = bpf_map_lookup_percpu_elem(&process_usages, &sum->record.slot, index);

	if (!usage || !is_same(&usage->owner, &sum->record.process.owner))
		return 0;
	sum->record.cpu_ns += usage->cpu_ns;
	/* No guess may match it any more, and the next owner must start from zero. */
	if (sum->ends)
		usage->owner = (struct energyd_key){};
	return 0;
}

static long sum_process_cpus(__u32 word, struct process_sum *sum)
{
	__u64 first = (__u64)(word & 0xffff) * 8;
	void *used = bpf_map_lookup_elem(&process_used_on, &sum->record.slot);
	__u64 bytes;

	asm volatile("" : "+r"(first));
	if (!used || first >= config.cpu_count)
		return 1;
	bytes = *(__u64 *)(used + first);
	if (sum->ends)
		*(__u64 *)(used + first) = 0;
	for (__u32 i = 0; bytes && i < 8; i++, bytes >>= 8)
		if (bytes & 1)
			sum_process_cpu(first + i, sum);
	return 0;
}

static __noinline long drain_process(__u32 slot, struct energyd_drain *out)
{
	struct energyd_process *process = bpf_map_lookup_elem(&processes, &slot);
	struct process_sum sum = {.record = {.type = ENERGYD_RECORD_PROCESS, .slot = slot}};

	if (!process || !process->owner.cgroup)
		return 0;
	sum.record.process = *process;
	bpf_loop((config.cpu_count + 7) / 8, sum_process_cpus, &sum, 0);
	if (!emit_total(out, &sum.record, sizeof(sum.record)))
		return 0;
	/*
	 * A process runs on for a moment after its exit is announced: it is written once more, then its slot is
	 * free. The agent pushes it to the free list, because programs that may sleep cannot.
	 */
	if (sum.record.process.state == ENERGYD_PROCESS_EXITED) {
		process->state = ENERGYD_PROCESS_REPORTED;
	} else if (sum.record.process.state == ENERGYD_PROCESS_REPORTED) {
		process->owner = (struct energyd_key){};
		bpf_map_delete_elem(&process_slots, &sum.record.process.owner);
		sum.ends = true;
		bpf_loop((config.cpu_count + 7) / 8, sum_process_cpus, &sum, 0);
	}
	return 0;
}

static long drain_process_place(__u32 place, struct drain_progress *progress)
{
	struct energyd_stamps *block = bpf_map_lookup_elem(&process_stamps, &progress->block);

	if (!block)
		return 1;
	if (is_due(&progress->out, block->window[place & (ENERGYD_BLOCK - 1)]))
		drain_process(progress->block * ENERGYD_BLOCK + place, &progress->out);
	return 0;
}

static long drain_process_block(__u32 index, struct drain_progress *progress)
{
	struct energyd_stamps *block = bpf_map_lookup_elem(&process_stamps, &index);

	if (!block)
		return 1;
	if (!is_due(&progress->out, block->newest))
		return 0;
	progress->block = index;
	bpf_loop(ENERGYD_BLOCK, drain_process_place, progress, 0);
	return 0;
}

#endif

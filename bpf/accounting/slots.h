/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Finds the slot of a cgroup or process: guessed, then verified by the owner stored in it. See maps.h. */
#ifndef ENERGYD_SLOTS_H
#define ENERGYD_SLOTS_H

#define NO_SLOT (~0u)

/* Tells the next drains that a slot was charged. Once per slot, CPU and window. */
static __always_inline void stamp(void *stamps, __u32 slot, __u32 window)
{
	__u32 index = slot / ENERGYD_BLOCK;
	struct energyd_stamps *block = bpf_map_lookup_elem(stamps, &index);

	if (!block)
		return;
	block->window[slot & (ENERGYD_BLOCK - 1)] = window;
	block->newest = window;
}

/* Marks that this CPU has a part in the totals of a slot. */
static __always_inline void mark_used(void *used_on, __u32 slot)
{
	__u8 *used = bpf_map_lookup_elem(used_on, &slot);
	__u32 cpu = bpf_get_smp_processor_id();

	if (used && cpu < config.cpu_count)
		used[cpu] = 1;
}

/* The slot of a key, or NO_SLOT where it has none and there is no room. `is_new` receives whether it was free until now. */
static __always_inline __u32 find_or_claim(void *slots, void *free, const struct energyd_key *key, bool may_claim,
					   bool *is_new)
{
	__u32 *known = bpf_map_lookup_elem(slots, key), slot = 0;

	if (known)
		return *known;
	if (!may_claim || bpf_map_pop_elem(free, &slot))
		return NO_SLOT;
	if (!bpf_map_update_elem(slots, key, &slot, BPF_NOEXIST)) {
		*is_new = true;
		return slot;
	}
	/* Another CPU was first. */
	bpf_map_push_elem(free, &slot, 0);
	known = bpf_map_lookup_elem(slots, key);
	return known ? *known : NO_SLOT;
}

/* Clears this CPU's part of a slot for a new owner. */
static __always_inline void reset_part(struct energyd_usage *usage, __u32 slot, const struct energyd_key *key)
{
	mark_used(&cgroup_used_on, slot);
	*usage = (struct energyd_usage){.owner = *key};
	if (config.track_waits) {
		struct energyd_waits *wait = bpf_map_lookup_elem(&waits, &slot);
		if (wait)
			__builtin_memset(wait, 0, sizeof(*wait));
	}
	if (config.hw_events) {
		struct energyd_hw_counts *counts = bpf_map_lookup_elem(&hw_counts, &slot);
		if (counts)
			__builtin_memset(counts, 0, sizeof(*counts));
	}
}

/*
 * The slow path to a slot, where a CPU's guess was wrong. Not static, and called with plain numbers, so that the
 * verifier checks it once and not again on every path that leads here.
 */
__noinline __u32 find_cgroup(__u64 cgroup, __u32 hierarchy)
{
	struct energyd_key key = {.cgroup = cgroup, .hierarchy = hierarchy};
	bool is_new = false;
	__u32 slot = find_or_claim(&cgroup_slots, &free_cgroup_slots, &key, true, &is_new);

	if (is_new)
		bpf_map_update_elem(&cgroups, &slot, &key, BPF_ANY);
	return slot;
}

/* This CPU's totals of a cgroup; `slot` receives their slot. NULL where there is no room. */
static __always_inline struct energyd_usage *usage_of(struct energyd_cpu *cpu, const struct energyd_key *key,
						      __u32 window, __u32 *slot)
{
	__u32 *guess = &cpu->cgroup_guess[key->cgroup & (ENERGYD_GUESSES - 1)];
	struct energyd_usage *usage;

	*slot = *guess;
	usage = bpf_map_lookup_elem(&cgroup_usages, slot);
	if (!usage || !is_same(&usage->owner, key)) {
		*slot = find_cgroup(key->cgroup, key->hierarchy);
		usage = bpf_map_lookup_elem(&cgroup_usages, slot);
		if (!usage)
			return 0;
		*guess = *slot;
		if (!is_same(&usage->owner, key))
			reset_part(usage, *slot, key);
	}
	if (usage->window != window) {
		usage->window = window;
		stamp(&cgroup_stamps, *slot, window);
	}
	return usage;
}

/* What a process runs after its exit was announced must not create its entry again: nothing would remove that. */
static __always_inline bool may_claim_process(const struct energyd_cpu *cpu, struct task_struct *task)
{
	return cpu->is_ending || !(task->flags & PF_EXITING);
}

/* A flag beside the slot that find_process returns. */
#define IS_NEW (1ULL << 32)

/* The same for a process. The caller writes its name where the slot is new, because a task cannot be passed here. */
__noinline __u64 find_process(__u64 cgroup, __u32 hierarchy, __u32 tgid, bool may_claim)
{
	struct energyd_key key = {.cgroup = cgroup, .tgid = tgid, .hierarchy = hierarchy};
	bool is_new = false;
	__u32 slot = find_or_claim(&process_slots, &free_process_slots, &key, may_claim, &is_new);

	if (!is_new)
		return slot;
	struct energyd_process *process = bpf_map_lookup_elem(&processes, &slot);

	if (process) {
		process->state = ENERGYD_PROCESS_RUNNING;
		process->owner = key;
	}
	return slot | IS_NEW;
}

/* Writes the name of a process that has just got its slot. */
static __always_inline void name_process(__u64 found, struct task_struct *task)
{
	__u32 slot = found;
	struct energyd_process *process = bpf_map_lookup_elem(&processes, &slot);

	if (process)
		__builtin_memcpy(process->comm, task->group_leader->comm, sizeof(process->comm));
}

/*
 * Adds CPU time to a process. Returns its slot, with IS_NEW where it has just got it, or NO_SLOT where there is no room
 * or it may not claim one.
 */
static __always_inline __u64 charge_process(struct energyd_cpu *cpu, const struct energyd_key *key, bool may_claim,
					    __u64 ns, __u32 window)
{
	__u32 *guess = &cpu->process_guess[key->tgid & (ENERGYD_GUESSES - 1)], slot = *guess;
	struct energyd_process_usage *usage = bpf_map_lookup_elem(&process_usages, &slot);
	__u64 found = slot;

	if (!usage || !is_same(&usage->owner, key)) {
		found = find_process(key->cgroup, key->hierarchy, key->tgid, may_claim);
		slot = found;
		usage = bpf_map_lookup_elem(&process_usages, &slot);
		if (!usage)
			return NO_SLOT;
		*guess = slot;
		if (!is_same(&usage->owner, key)) {
			mark_used(&process_used_on, slot);
			*usage = (struct energyd_process_usage){.owner = *key};
		}
	}
	usage->cpu_ns += ns;
	if (usage->window != window) {
		usage->window = window;
		stamp(&process_stamps, slot, window);
	}
	return found;
}

/* Has the next drains report a process that has a slot, and returns it. NULL where it has none. */
static __always_inline struct energyd_process *known_process(const struct energyd_key *cgroup, __u32 tgid)
{
	struct energyd_key key = {.cgroup = cgroup->cgroup, .tgid = tgid, .hierarchy = cgroup->hierarchy};
	__u32 *slot = bpf_map_lookup_elem(&process_slots, &key);

	if (!slot)
		return 0;
	stamp(&process_stamps, *slot, current_window());
	return bpf_map_lookup_elem(&processes, slot);
}

/* The process will not run in this cgroup again: the next drains write it one last time. */
static __always_inline void end_process(const struct energyd_key *cgroup, __u32 tgid)
{
	struct energyd_process *process = known_process(cgroup, tgid);

	if (process && process->state == ENERGYD_PROCESS_RUNNING)
		process->state = ENERGYD_PROCESS_EXITED;
}

#endif

// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * CPU time per cgroup, exact and never lost.
 *
 * Every context switch charges the task that leaves the CPU with the growth of its own sum_exec_runtime, the number
 * behind cpu.stat, since this CPU saw it come. Totals lie in preallocated maps and only ever grow. Once per tick the
 * agent runs `flush_cpu` on each CPU that is not idle, which charges the task that is still running, then `drain`,
 * which writes one record per cgroup into a ring buffer. Nothing is written per context switch.
 */
#include <stdbool.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "events.h"
#include "kernel.h"

struct bpf_map;

/* The kernel asks for one of its own names; the sources are offered under either licence above. */
char LICENSE[] SEC("license") = "GPL";

/* The only read-only datum, so that the agent can write it as a whole. */
const volatile struct energyd_config config = {.cpu_count = 1};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct energyd_cpu);
} cpus SEC(".maps");

/* Preallocated, so that the scheduler never waits for memory; not LRU, which would forget what it must not. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct energyd_cgroup_key);
	__type(value, struct energyd_usage);
} cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct energyd_process_key);
	__type(value, struct energyd_process);
} processes SEC(".maps");

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

/* The run queue's clock for task time: no helper call, and the one that sum_exec_runtime follows. */
static __always_inline __u64 run_queue_clock(struct task_struct *task)
{
	__u64 clock = 0;

	if (bpf_core_field_exists(task->se.cfs_rq))
		clock = task->se.cfs_rq->rq->clock_task;
	return clock ? clock : bpf_ktime_get_ns();
}

/* Whom to charge: a cgroup, or 0 for the kernel's own threads, which belong to nobody. */
static __always_inline __u64 cgroup_of(struct task_struct *task)
{
	struct cgroup *cgroup = task->cgroups->dfl_cgrp;

	if ((task->flags & PF_KTHREAD) && cgroup->level == 0)
		return 0;
	return cgroup->kn->id;
}

static __always_inline struct energyd_process *process_of(struct task_struct *task, __u64 cgroup)
{
	struct energyd_process_key key = {.cgroup = cgroup, .tgid = task->tgid};
	struct energyd_process *process = bpf_map_lookup_elem(&processes, &key);

	/* What a process runs after its exit was announced must not bring its entry back: nobody would end that. */
	if (process || (task->flags & PF_EXITING))
		return process;
	struct energyd_process fresh = {};
	__builtin_memcpy(fresh.comm, task->group_leader->comm, sizeof(fresh.comm));
	bpf_map_update_elem(&processes, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&processes, &key);
}

static __always_inline struct energyd_usage *usage_of(struct energyd_cpu *cpu, __u64 cgroup)
{
	struct energyd_cgroup_key key = {.cgroup = cgroup};
	struct energyd_usage *usage = bpf_map_lookup_elem(&cgroups, &key);

	if (usage)
		return usage;
	struct energyd_usage fresh = {};
	bpf_map_update_elem(&cgroups, &key, &fresh, BPF_NOEXIST);
	usage = bpf_map_lookup_elem(&cgroups, &key);
	return usage ? usage : &cpu->overflow;
}

/*
 * Charges the CPU time of `task` on this CPU since it was last charged.
 *
 * It goes to the cgroup that the task was in when it came: one that moved meanwhile was charged at that moment.
 * Where the switch that brought the task was not seen (the kernel skips a program rather than let it recurse, and
 * does not trace every thread), what is kept belongs to another task; the run queue's clock since the last event, at
 * most the task's own total, stands in.
 */
static __always_inline void charge(struct energyd_cpu *cpu, struct task_struct *task, __u64 clock, __u64 switches)
{
	__u64 total = task->se.sum_exec_runtime;
	__u64 cgroup, ns;

	if (cpu->pid == (__u32)task->pid) {
		cgroup = cpu->cgroup;
		ns = total > cpu->base_ns ? total - cpu->base_ns : 0;
	} else {
		__u64 elapsed = clock > cpu->clock_ns ? clock - cpu->clock_ns : 0;
		cgroup = cgroup_of(task);
		ns = elapsed < total ? elapsed : total;
		cpu->resyncs++;
	}

	struct energyd_usage *usage = cgroup ? usage_of(cpu, cgroup) : &cpu->kernel;
	usage->cpu_ns += ns;
	usage->switches += switches;

	if (config.track_processes && cgroup) {
		struct energyd_process *process = process_of(task, cgroup);

		/* Threads of one process run on several CPUs at once. */
		if (process)
			__sync_fetch_and_add(&process->cpu_ns, ns);
		else if (!(task->flags & PF_EXITING))
			cpu->process_overflow_ns += ns;
	}
}

/* From here on, the time of this CPU is the task's. */
static __always_inline void begin(struct energyd_cpu *cpu, struct task_struct *task, __u64 clock)
{
	cpu->clock_ns = clock;
	cpu->pid = task->pid;
	if (!task->pid)
		return;
	cpu->base_ns = task->se.sum_exec_runtime;
	cpu->cgroup = cgroup_of(task);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct energyd_cpu *cpu = this_cpu();
	if (!cpu)
		return 0;

	__u64 clock = run_queue_clock(prev);
	if (cpu->clock_ns) {
		if (prev->pid)
			charge(cpu, prev, clock, 1);
		else if (clock > cpu->clock_ns)
			cpu->idle_ns += clock - cpu->clock_ns;
	}
	begin(cpu, next, clock);
	return 0;
}

/* Charges the task that is on this CPU now. Interrupts or preemption must be off. */
static __always_inline void settle(struct task_struct *task)
{
	struct energyd_cpu *cpu = this_cpu();
	if (!cpu || !task->pid)
		return;

	__u64 clock = run_queue_clock(task);
	if (cpu->clock_ns)
		charge(cpu, task, clock, 0);
	begin(cpu, task, clock);
}

/*
 * Never attached: the agent runs it on chosen CPUs, because a task that does not switch (pinned real-time, DPDK, a
 * long computation) would otherwise stay invisible until it does.
 */
SEC("raw_tp/sched_switch")
int flush_cpu(void *ctx)
{
	settle(bpf_get_current_task_btf());
	return 0;
}

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

struct sum_context {
	const struct energyd_cgroup_key *key;
	struct energyd_usage total;
};

static long sum_cpu(__u32 index, struct sum_context *sum)
{
	struct energyd_usage *usage = bpf_map_lookup_percpu_elem(&cgroups, sum->key, index);

	if (usage) {
		sum->total.cpu_ns += usage->cpu_ns;
		sum->total.switches += usage->switches;
	}
	return 0;
}

static long drain_cgroup(struct bpf_map *map, const struct energyd_cgroup_key *key, struct energyd_usage *value,
			 struct energyd_drain *out)
{
	struct sum_context sum = {.key = key};

	bpf_loop(config.cpu_count, sum_cpu, &sum, 0);
	struct energyd_cgroup_record record = {
		.type = ENERGYD_RECORD_CGROUP,
		.drain = out->drain,
		.key = *key,
		.usage = sum.total,
	};
	emit_counter(out, &record, sizeof(record));
	return 0;
}

/* Writes the totals of every cgroup to the ring `counters`. */
SEC("syscall")
int drain_cgroups(struct energyd_drain *context)
{
	struct energyd_drain out = {.drain = context->drain};

	bpf_for_each_map_elem(&cgroups, drain_cgroup, &out, 0);
	context->written = out.written;
	context->lost = out.lost;
	return 0;
}

static long drain_process(struct bpf_map *map, const struct energyd_process_key *key, struct energyd_process *process,
			  struct energyd_drain *out)
{
	/* A process still runs for a moment after its exit is announced: report it once more, then let it go. */
	if (process->state == ENERGYD_PROCESS_REPORTED) {
		bpf_map_delete_elem(&processes, key);
		return 0;
	}
	struct energyd_process_record record = {
		.type = ENERGYD_RECORD_PROCESS,
		.drain = out->drain,
		.key = *key,
		.process = *process,
	};
	if (emit_counter(out, &record, sizeof(record)) && record.process.state == ENERGYD_PROCESS_EXITED)
		process->state = ENERGYD_PROCESS_REPORTED;
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

/* Only the unified hierarchy is accounted. */
static __always_inline bool is_unified(struct cgroup *cgroup)
{
	return cgroup->root->hierarchy_id == 0;
}

static __always_inline void emit_lifecycle(struct cgroup *cgroup, __u32 type, const char *path)
{
	__u32 zero = 0;
	struct energyd_lifecycle_record *record = bpf_map_lookup_elem(&scratch, &zero);
	long length = 0;

	if (!record || !is_unified(cgroup))
		return;
	record->type = type;
	record->key = (struct energyd_cgroup_key){.cgroup = cgroup->kn->id};
	if (path)
		length = bpf_probe_read_kernel_str(record->path, sizeof(record->path), path);
	if (length < 0 || length > ENERGYD_PATH_LENGTH)
		length = 0;
	record->path_length = length;
	if (bpf_ringbuf_output(&lifecycle, record, __builtin_offsetof(struct energyd_lifecycle_record, path) + length,
			       BPF_RB_NO_WAKEUP)) {
		struct energyd_cpu *cpu = this_cpu();
		if (cpu)
			cpu->lifecycle_lost++;
	}
}

/* These tracepoints fire under one spinlock with interrupts off, so the per-CPU scratch record is safe. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_CREATED, path);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_REMOVED, 0);
	return 0;
}

/* After this no task can be charged to the cgroup any more: its last reference is gone. */
SEC("tp_btf/cgroup_release")
int BPF_PROG(on_cgroup_release, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_RELEASED, 0);
	return 0;
}

static __always_inline struct energyd_process *known_process(__u64 cgroup, __u32 tgid)
{
	struct energyd_process_key key = {.cgroup = cgroup, .tgid = tgid};

	return bpf_map_lookup_elem(&processes, &key);
}

/* The process will not run in this cgroup any more: the next drain reports it a last time. */
static __always_inline void end_process(__u64 cgroup, __u32 tgid)
{
	struct energyd_process *process = known_process(cgroup, tgid);

	if (process)
		process->state = ENERGYD_PROCESS_EXITED;
}

/*
 * A task went to another cgroup: what it ran before is the old one's. Told after the fact, which is why the old one is
 * kept per CPU. One that runs on another CPU meanwhile is split at its next switch or flush instead.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *cgroup, const char *path, struct task_struct *task, bool whole_process)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct energyd_cpu *cpu = this_cpu();

	if (!cpu || !is_unified(cgroup) || current->tgid != task->tgid)
		return 0;
	__u64 old = cpu->pid == (__u32)current->pid ? cpu->cgroup : 0;
	settle(current);
	if (whole_process && old != cpu->cgroup)
		end_process(old, current->tgid);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	struct energyd_process *process = known_process(task->cgroups->dfl_cgrp->kn->id, task->tgid);

	if (process)
		__builtin_memcpy(process->comm, task->comm, sizeof(process->comm));
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	if (!task->signal->live.counter)
		end_process(task->cgroups->dfl_cgrp->kn->id, task->tgid);
	return 0;
}

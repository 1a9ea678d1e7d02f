// SPDX-License-Identifier: Apache-2.0
/*
 * switch ENERGY_OBJECT REFERENCE_OBJECT [ROUNDS]   what a context switch costs with each program attached.
 *
 * Two threads pinned to one CPU pass a byte to and fro through pipes. Every round attaches each program in turn, so that
 * all of them see the same noise; what is told are medians over the rounds. `run` is the kernel's own measurement of the
 * program (bpf_stats, about 60 ns of it the measurement itself), `wall` the time of a switch less that of a switch
 * without any program, `tax` the ratio of the two.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../bpf/events.h"

#define TRIPS 20000
#define MOST_ROUNDS 199
#define SLOTS 1024
#define PROCESS_SLOTS 8192

struct variant {
	const char *key, *name, *program;
	struct energyd_config config;
	__u32 mask;
	struct bpf_object *object;
	double run[MOST_ROUNDS], wall[MOST_ROUNDS], tax[MOST_ROUNDS];
};

static struct variant variants[] = {
	{.key = "none", .name = "no program", .program = 0},
	{.key = "empty", .name = "empty program", .program = "empty"},
	{.key = "clock", .name = "one clock reading", .program = "clock_only"},
	{.key = "energyd", .name = "energyd", .program = "on_switch"},
	{.key = "processes",
	 .name = "energyd, processes too",
	 .program = "on_switch",
	 .config = {.track_processes = 1}},
	{.key = "waits", .name = "energyd, waits too", .program = "on_switch", .config = {.track_waits = 1}},
	{.key = "siblings", .name = "energyd, siblings too", .program = "on_switch", .config = {.track_siblings = 1}},
	{.key = "counters", .name = "energyd, 3 counters", .program = "on_switch", .config = {.hw_events = 3}},
	{.key = "sampled",
	 .name = "energyd, 3 counters, one run in 16",
	 .program = "on_switch",
	 .config = {.hw_events = 3},
	 .mask = 15},
	{.key = "lru", .name = "reference: two LRU maps, two clocks", .program = "lru"},
};
enum { VARIANTS = sizeof(variants) / sizeof(*variants) };

static int cpu_count, test_cpu;

static void fail(const char *what)
{
	fprintf(stderr, "switch: cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static void pin(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(test_cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("pin a thread");
}

struct pipes {
	int to[2], fro[2];
};

static void *answer(void *argument)
{
	struct pipes *pipes = argument;
	char byte;

	pin();
	for (int i = 0; i < TRIPS; i++)
		if (read(pipes->to[0], &byte, 1) != 1 || write(pipes->fro[1], &byte, 1) != 1)
			fail("answer");
	return 0;
}

/* Nanoseconds per context switch. */
static double ping_pong(void)
{
	struct pipes pipes;
	pthread_t thread;
	char byte = 0;

	if (pipe(pipes.to) || pipe(pipes.fro) || pthread_create(&thread, 0, answer, &pipes))
		fail("start the threads");
	double start = now();
	for (int i = 0; i < TRIPS; i++)
		if (write(pipes.to[1], &byte, 1) != 1 || read(pipes.fro[0], &byte, 1) != 1)
			fail("ask");
	double time = now() - start;
	pthread_join(thread, 0);
	close(pipes.to[0]), close(pipes.to[1]), close(pipes.fro[0]), close(pipes.fro[1]);
	return time / (2 * TRIPS);
}

static void resize(struct bpf_object *object, const char *name, int entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	if (!map || bpf_map__set_max_entries(map, entries))
		fail(name);
}

/* Slots, free list, owners, usages, used_on, and the stamps by block. */
static const char *const cgroup_maps[] = {"cgroup_slots",  "free_cgroup_slots", "cgroups",
					  "cgroup_usages", "cgroup_used_on",    "cgroup_stamps"};
static const char *const process_maps[] = {"process_slots",  "free_process_slots", "processes",
					   "process_usages", "process_used_on",    "process_stamps"};

static void resize_table(struct bpf_object *object, const char *const maps[6], int slots)
{
	for (int i = 0; i < 5; i++)
		resize(object, maps[i], slots);
	resize(object, maps[5], (slots + ENERGYD_BLOCK - 1) / ENERGYD_BLOCK);
	bpf_map__set_value_size(bpf_object__find_map_by_name(object, maps[4]), (cpu_count + 7) / 8 * 8 + 8);
}

static int fd(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	return map ? bpf_map__fd(map) : -1;
}

static void open_counters(struct bpf_object *object)
{
	/* Software events stand in: reading them takes the same way. */
	static const int events[] = {PERF_COUNT_SW_CPU_CLOCK, PERF_COUNT_SW_CONTEXT_SWITCHES,
				     PERF_COUNT_SW_PAGE_FAULTS};

	for (int i = 0; i < 3; i++) {
		char map[] = "hw_event_0";
		map[9] += i;
		for (int cpu = 0; cpu < cpu_count; cpu++) {
			struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
						       .size = sizeof(attr),
						       .config = events[i],
						       .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
								      PERF_FORMAT_TOTAL_TIME_RUNNING};
			int event = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
			if (event < 0 || bpf_map_update_elem(fd(object, map), &cpu, &event, BPF_ANY))
				fail("open a counter");
		}
	}
}

static void load(struct variant *variant, const char *path)
{
	struct bpf_object *object = bpf_object__open(path);
	struct bpf_program *program;

	if (!object)
		fail(path);
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), variant->program));
	bool is_ours = !strcmp(variant->program, "on_switch");
	if (is_ours) {
		variant->config.cpu_count = cpu_count;
		bpf_map__set_initial_value(bpf_object__find_map_by_name(object, ".rodata"), &variant->config,
					   sizeof(variant->config));
		resize_table(object, cgroup_maps, SLOTS);
		if (variant->config.track_processes)
			resize_table(object, process_maps, PROCESS_SLOTS);
		if (variant->config.track_waits)
			resize(object, "waits", SLOTS);
		if (variant->config.hw_events) {
			resize(object, "hw_counts", SLOTS);
			for (char map[] = "hw_event_0"; map[9] < '3'; map[9]++)
				resize(object, map, cpu_count);
		}
	}
	if (bpf_object__load(object))
		fail("load the programs (root is needed)");
	if (is_ours) {
		__u32 first = 0;
		for (__u32 slot = 0; slot < SLOTS; slot++)
			bpf_map_update_elem(fd(object, "free_cgroup_slots"), 0, &slot, 0);
		for (__u32 slot = 0; variant->config.track_processes && slot < PROCESS_SLOTS; slot++)
			bpf_map_update_elem(fd(object, "free_process_slots"), 0, &slot, 0);
		struct energyd_shared shared = {.window = 1};
		bpf_map_update_elem(fd(object, "shared"), &first, &shared, BPF_ANY);
		if (variant->config.hw_events)
			open_counters(object);
		struct energyd_cpu *cpus = calloc(cpu_count, sizeof(*cpus));
		for (int cpu = 0; cpu < cpu_count; cpu++) {
			cpus[cpu].sibling = cpu ^ 1;
			cpus[cpu].hw_mask = variant->mask;
		}
		bpf_map_update_elem(fd(object, "cpus"), &first, cpus, BPF_ANY);
		free(cpus);
	}
	variant->object = object;
}

static void measure(struct variant *variant, int round, double alone)
{
	struct bpf_program *program = bpf_object__find_program_by_name(variant->object, variant->program);
	struct bpf_link *link = bpf_program__attach(program);
	struct bpf_prog_info before = {}, after = {};
	__u32 size = sizeof(before);

	if (!link)
		fail("attach");
	double time = ping_pong();
	variant->wall[round] = time - alone;
	variant->tax[round] = time / alone;
	/* With the kernel's measurement on, which costs time of its own. */
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	bpf_obj_get_info_by_fd(bpf_program__fd(program), &before, &size);
	ping_pong();
	bpf_obj_get_info_by_fd(bpf_program__fd(program), &after, &size);
	close(stats);
	variant->run[round] = after.run_cnt > before.run_cnt ? (double)(after.run_time_ns - before.run_time_ns) /
								       (after.run_cnt - before.run_cnt)
							     : 0;
	bpf_link__destroy(link);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, int count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

int main(int count, char **arguments)
{
	if (count < 3) {
		fprintf(stderr, "usage: switch ENERGY_OBJECT REFERENCE_OBJECT [ROUNDS]\n");
		return 64;
	}
	int rounds = count > 3 ? atoi(arguments[3]) : 15;
	rounds = rounds < 1 ? 1 : rounds > MOST_ROUNDS ? MOST_ROUNDS : rounds;
	bool is_json = getenv("JSON") != 0;
	cpu_count = libbpf_num_possible_cpus();
	test_cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	libbpf_set_print(0);
	pin();
	for (int i = 1; i < VARIANTS; i++)
		load(&variants[i], arguments[!strcmp(variants[i].program, "on_switch") ? 1 : 2]);

	double *alone = variants[0].wall;
	ping_pong();
	for (int round = 0; round < rounds; round++) {
		if (isatty(2))
			fprintf(stderr, "\rround %d of %d ", round + 1, rounds);
		for (int i = 1; i < VARIANTS; i++) {
			double before = ping_pong();
			measure(&variants[1 + (i + round) % (VARIANTS - 1)], round, before);
			alone[round] = before;
		}
	}
	if (isatty(2))
		fprintf(stderr, "\r\033[K");

	double bare = median(alone, rounds), empty = median(variants[1].run, rounds);
	if (!is_json) {
		printf("A context switch takes %.0f ns without any program (pipe, two threads on one CPU; %d rounds)\n",
		       bare, rounds);
		printf("%-38s %8s %10s %8s %8s\n", "", "run ns", "net of empty", "wall ns", "tax");
	}
	for (int i = 1; i < VARIANTS; i++) {
		struct variant *variant = &variants[i];
		double run = i == 1 ? empty : median(variant->run, rounds);
		double wall = median(variant->wall, rounds), tax = median(variant->tax, rounds);
		if (is_json)
			printf("{\"program\":\"%s\",\"runNanoseconds\":%.1f,\"netNanoseconds\":%.1f,\"wallNanoseconds\":%.1f,\"tax\":%.4f}\n",
			       variant->key, run, run - empty, wall, tax);
		else
			printf("%-38s %8.0f %12.0f %8.0f %8.3f\n", variant->name, run, run - empty, wall, tax);
	}
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * live REFERENCE_OBJECT SECONDS   what one run of each program on sched_switch takes, as the kernel measures it.
 *
 * For use beside a running agent: attaches the empty program, makes load for SECONDS and prints, for every program
 * called `on_switch` in the kernel and for the empty one, the mean time of a run in ns. Both are measured at the same
 * switches, so that noise hits both.
 *
 * The load: on every CPU a ring of processes that pass a byte on, each with some memory of its own to walk through, and
 * one that computes. So programs run with caches that hold other things, as they do on a node at work.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define RING 6
#define WALK (128 * 1024)
#define MOST_PROGRAMS 8
#define MOST_CHILDREN 4096

static pid_t children[MOST_CHILDREN];
static int child_count;

static void fail(const char *what)
{
	fprintf(stderr, "live: cannot %s: %s\n", what, strerror(errno));
	for (int i = 0; i < child_count; i++)
		kill(children[i], SIGKILL);
	exit(1);
}

/* Walks through memory of its own, a cache line at a time. */
static void walk(volatile char *memory, int length)
{
	for (int i = 0; i < length; i += 64)
		memory[i]++;
}

static void run_on(int cpu, int from, int to)
{
	static char memory[WALK];
	cpu_set_t set;
	char byte = 0;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		_exit(1);
	for (;;) {
		if (from >= 0 && read(from, &byte, 1) != 1)
			_exit(0);
		walk(memory, from >= 0 ? WALK / 16 : WALK);
		if (to >= 0 && write(to, &byte, 1) != 1)
			_exit(0);
	}
}

static void start(int cpu, int from, int to)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0 || child_count == MOST_CHILDREN)
		fail("start a process");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		run_on(cpu, from, to);
	}
	children[child_count++] = child;
}

static void load_cpu(int cpu)
{
	int pipes[RING][2];

	for (int i = 0; i < RING; i++)
		if (pipe(pipes[i]))
			fail("make a pipe");
	for (int i = 0; i < RING; i++)
		start(cpu, pipes[i][0], pipes[(i + 1) % RING][1]);
	/* Two bytes go round, so that more than one process waits for the CPU. */
	if (write(pipes[0][1], "x", 1) != 1 || write(pipes[RING / 2][1], "x", 1) != 1)
		fail("start a ring");
	start(cpu, -1, -1);
}

struct program {
	int fd;
	__u64 ns, runs;
};

/* Every program called `name`. */
static int find(const char *name, struct program *found)
{
	int count = 0;
	__u32 id = 0;

	while (count < MOST_PROGRAMS && !bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &size) || strcmp(info.name, name))
			close(fd);
		else
			found[count++].fd = fd;
	}
	return count;
}

static void sample(struct program *programs, int count)
{
	for (int i = 0; i < count; i++) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (bpf_obj_get_info_by_fd(programs[i].fd, &info, &size))
			fail("read a program's statistics");
		programs[i].ns = info.run_time_ns - programs[i].ns;
		programs[i].runs = info.run_cnt - programs[i].runs;
	}
}

int main(int count, char **arguments)
{
	struct program programs[MOST_PROGRAMS + 1] = {};

	if (count != 3) {
		fprintf(stderr, "usage: live REFERENCE_OBJECT SECONDS\n");
		return 64;
	}
	libbpf_set_print(0);
	struct bpf_object *object = bpf_object__open(arguments[1]);
	struct bpf_program *program;
	if (!object)
		fail(arguments[1]);
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), "empty"));
	if (bpf_object__load(object))
		fail("load the empty program (root is needed)");
	program = bpf_object__find_program_by_name(object, "empty");
	if (!bpf_program__attach(program))
		fail("attach the empty program");
	programs[0].fd = bpf_program__fd(program);
	int found = find("on_switch", programs + 1);

	for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++)
		load_cpu(cpu);
	usleep(200000);
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (stats < 0)
		fail("switch on the statistics");
	sample(programs, found + 1);
	usleep(atof(arguments[2]) * 1e6);
	sample(programs, found + 1);
	close(stats);
	for (int i = 0; i < child_count; i++)
		kill(children[i], SIGKILL);
	for (int i = 0; i <= found; i++)
		printf("%s %.2f %llu\n", i ? "on_switch" : "empty",
		       programs[i].runs ? (double)programs[i].ns / programs[i].runs : 0, programs[i].runs);
	return 0;
}

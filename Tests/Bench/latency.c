// SPDX-License-Identifier: Apache-2.0
/*
 * latency CGROUP DEPTH SECONDS   how long the node stands still while cgroups come and go deep below CGROUP
 * latency CGROUP                 removes what a run that was killed has left there
 *
 * Makes a chain of DEPTH cgroups below CGROUP, then creates and removes a cgroup at its end for SECONDS, while a thread
 * with SCHED_FIFO on every CPU sleeps a millisecond at a time. Prints the worst delay of a wake-up, and how long a
 * creation and a removal took, in us: "worst MAX mkdir MEAN MAX rmdir MEAN MAX". Removes what it made, also when it is
 * told to end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* That the time is over; that the program was told to end, or has failed. */
static volatile sig_atomic_t is_over, is_told;

static void end(int number)
{
	(void)number;
	is_over = is_told = 1;
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

struct probe {
	pthread_t thread;
	int cpu;
	double worst_us;
};

/* Sleeps to the next millisecond again and again. */
static void *run_probe(void *argument)
{
	struct probe *probe = argument;
	struct sched_param priority = {.sched_priority = 50};
	struct timespec due;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(probe->cpu, &cpus);
	if (pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus))
		return 0; /* Offline. */
	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority))
		fprintf(stderr, "latency: no SCHED_FIFO: the delays are those of an ordinary task\n");
	clock_gettime(CLOCK_MONOTONIC, &due);
	while (!is_over) {
		due.tv_nsec += 1000000;
		if (due.tv_nsec >= 1000000000) {
			due.tv_nsec -= 1000000000;
			due.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, 0);
		double late = now_us() - (due.tv_sec * 1e6 + due.tv_nsec / 1e3);
		if (late > probe->worst_us)
			probe->worst_us = late;
		/* After a long stall, the milliseconds that were missed are not counted again. */
		if (late > 1000)
			clock_gettime(CLOCK_MONOTONIC, &due);
	}
	return 0;
}

struct times {
	double sum_us, worst_us;
	long count;
};

static void note(struct times *times, double start)
{
	double us = now_us() - start;

	times->sum_us += us;
	times->count++;
	if (us > times->worst_us)
		times->worst_us = us;
}

/* Goes down to the end of the chain, making it up to `depth`; returns the end's descriptor, and its level in `level`. */
static int descend(int top, int depth, int *level)
{
	int end = dup(top);

	for (*level = 0; end >= 0; ++*level) {
		if (*level < depth && (is_over || (mkdirat(end, "latency", 0755) && errno != EEXIST)))
			break;
		int next = openat(end, "latency", O_RDONLY | O_DIRECTORY);
		if (next < 0)
			break;
		close(end);
		end = next;
	}
	return end;
}

/* Removes the chain from its end upwards, each by its parent. */
static void clean(int top)
{
	int level, end = descend(top, 0, &level);

	unlinkat(end, "leaf", AT_REMOVEDIR);
	while (end >= 0 && level-- > 0) {
		int parent = openat(end, "..", O_RDONLY | O_DIRECTORY);
		close(end);
		if (parent >= 0)
			unlinkat(parent, "latency", AT_REMOVEDIR);
		end = parent;
	}
	close(end);
}

static void measure(int end, double seconds)
{
	int cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct probe *probes = calloc(cpus, sizeof(*probes));
	struct times made = {0}, removed = {0};
	double worst_us = 0;

	/* An agent takes notice of what is there. */
	sleep(2);
	for (int cpu = 0; cpu < cpus; cpu++) {
		probes[cpu].cpu = cpu;
		pthread_create(&probes[cpu].thread, 0, run_probe, &probes[cpu]);
	}
	for (double stop = now_us() + seconds * 1e6; !is_over && now_us() < stop;) {
		double start = now_us();
		int failed = mkdirat(end, "leaf", 0755);
		note(&made, start);
		start = now_us();
		if (failed || unlinkat(end, "leaf", AT_REMOVEDIR)) {
			perror("latency: leaf");
			is_told = 1;
			break;
		}
		note(&removed, start);
	}
	is_over = 1;
	for (int cpu = 0; cpu < cpus; cpu++) {
		pthread_join(probes[cpu].thread, 0);
		if (probes[cpu].worst_us > worst_us)
			worst_us = probes[cpu].worst_us;
	}
	if (!is_told)
		printf("worst %.0f mkdir %.0f %.0f rmdir %.0f %.0f\n", worst_us, made.sum_us / made.count,
		       made.worst_us, removed.sum_us / removed.count, removed.worst_us);
	free(probes);
}

int main(int count, char **arguments)
{
	if (count != 2 && count != 4) {
		fprintf(stderr, "usage: latency CGROUP [DEPTH SECONDS]\n");
		return 2;
	}
	int top = open(arguments[1], O_RDONLY | O_DIRECTORY), status = 0;
	if (top < 0) {
		fprintf(stderr, "latency: %s: %s\n", arguments[1], strerror(errno));
		return 1;
	}
	clean(top);
	if (count == 2)
		return 0;
	signal(SIGINT, end);
	signal(SIGTERM, end);
	int depth = atoi(arguments[2]), level, last = descend(top, depth, &level);
	if (level == depth)
		measure(last, atof(arguments[3]));
	else if (!is_told)
		fprintf(stderr, "latency: %s: %s at level %d\n", arguments[1], strerror(errno), level);
	status = level != depth || is_told;
	close(last);
	clean(top);
	return status;
}

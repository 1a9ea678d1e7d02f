// SPDX-License-Identifier: Apache-2.0
/*
 * crowd DIRECTORY COUNT MILLISECONDS   cgroups with a process each that works for a moment every MILLISECONDS.
 *
 * Makes DIRECTORY in a tree of cgroup v2 with COUNT cgroups in it, prints `ready`, and on end of input ends the
 * processes and removes the cgroups. With 0 ms each process works once and then waits: a node of idle containers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t *children;
static int child_count;

static void clean_up(const char *directory, int count)
{
	char path[4096];

	for (int i = 0; i < child_count; i++)
		kill(children[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/c%d", directory, i);
		rmdir(path);
	}
	rmdir(directory);
}

static void work(int milliseconds)
{
	struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

	for (;;) {
		for (volatile int i = 0; i < 2000; i++)
			;
		if (!milliseconds)
			pause.tv_sec = 1000000;
		nanosleep(&pause, NULL);
	}
}

/* A process in the cgroup of that directory: started there, because moving one stops all others for a moment. */
static pid_t start(const char *path, int milliseconds)
{
	struct clone_args arguments = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	int cgroup = mkdir(path, 0755) ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t child;

	if (cgroup < 0)
		return -1;
	arguments.cgroup = cgroup;
	child = syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		work(milliseconds);
	}
	close(cgroup);
	return child;
}

int main(int argc, char **argv)
{
	int count = argc == 4 ? atoi(argv[2]) : 0;
	char path[4096], byte;

	if (count <= 0) {
		fprintf(stderr, "usage: crowd DIRECTORY COUNT MILLISECONDS\n");
		return 64;
	}
	children = calloc(count, sizeof(*children));
	if (!children || mkdir(argv[1], 0755)) {
		fprintf(stderr, "crowd: cannot make %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/c%d", argv[1], i);
		children[i] = start(path, atoi(argv[3]));
		if (children[i] < 0) {
			fprintf(stderr, "crowd: cannot start a process in %s: %s\n", path, strerror(errno));
			clean_up(argv[1], count);
			return 1;
		}
		child_count++;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	clean_up(argv[1], count);
	return 0;
}

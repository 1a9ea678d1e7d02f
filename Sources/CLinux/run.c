// Starts a command that waits until it may run, and passes signals on to it.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

static _Atomic pid_t receiver;
static _Atomic int last_signal;

// As they were when the program began: libraries change them, and the command is to find them so.
static sigset_t first_mask;
static struct sigaction first_pipe;

__attribute__((constructor)) static void remember_signals(void)
{
	pthread_sigmask(SIG_SETMASK, NULL, &first_mask);
	sigaction(SIGPIPE, NULL, &first_pipe);
}

static void pass_on(int signal, siginfo_t *info, void *context)
{
	(void)context;
	int before = errno;

	// In this order: a command that is about to run finds the signal, or gets it. energyd_let_run
	if (signal != SIGUSR1 && signal != SIGUSR2)
		atomic_store(&last_signal, signal);
	pid_t process = atomic_load(&receiver);
	// What a terminal sends (SI_KERNEL), the command gets too: it is in the same process group.
	if (process > 0 && info->si_code <= 0)
		kill(process, signal);
	errno = before;
}

void energyd_pass_signals_on(void)
{
	struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++) {
		struct sigaction now;

		// nohup(1)
		if (!sigaction(passed_on[i], NULL, &now) && now.sa_handler == SIG_IGN)
			continue;
		sigaction(passed_on[i], &action, NULL);
	}
}

void energyd_pass_signals_to(pid_t process)
{
	atomic_store(&receiver, process);
}

int energyd_take_signal(void)
{
	return atomic_exchange(&last_signal, 0);
}

static void become(char *const arguments[], int gate, int report)
{
	char byte;
	ssize_t count;

	do
		count = read(gate, &byte, 1);
	while (count < 0 && errno == EINTR);
	if (count != 1)
		_exit(125);
	// Handlers of the parent end here; what it ignores stays ignored.
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++) {
		struct sigaction now;

		if (!sigaction(passed_on[i], NULL, &now) && now.sa_handler != SIG_IGN)
			signal(passed_on[i], SIG_DFL);
	}
	sigaction(SIGPIPE, &first_pipe, NULL);
	pthread_sigmask(SIG_SETMASK, &first_mask, NULL);
	execvp(arguments[0], arguments);
	int code = errno;
	(void)!write(report, &code, sizeof(code));
	_exit(127);
}

pid_t energyd_start_waiting(char *const arguments[], int *gate, int *report)
{
	int gates[2], reports[2];
	sigset_t all, before;

	if (pipe2(gates, O_CLOEXEC))
		return -errno;
	if (pipe2(reports, O_CLOEXEC)) {
		int code = errno;
		close(gates[0]);
		close(gates[1]);
		return -code;
	}
	// The parent's handlers must not run in the child.
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t process = fork();
	if (!process) {
		close(gates[1]);
		close(reports[0]);
		become(arguments, gates[0], reports[1]);
	}
	int code = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(gates[0]);
	close(reports[1]);
	if (process < 0) {
		close(gates[1]);
		close(reports[0]);
		return -code;
	}
	*gate = gates[1];
	*report = reports[0];
	return process;
}

int energyd_let_run(int gate, int report)
{
	char byte = 0;
	int code = 0;
	ssize_t count;
	pid_t process = atomic_load(&receiver);

	// A signal that came while it was put into its cgroup: it does not begin.
	if (atomic_load(&last_signal) && process > 0) {
		kill(process, SIGKILL);
		return EINTR;
	}
	if (write(gate, &byte, 1) != 1)
		return EPIPE;
	do
		count = read(report, &code, sizeof(code));
	while (count < 0 && errno == EINTR);
	// The descriptor closes when the command begins.
	return count == sizeof(code) ? code : 0;
}

int energyd_wait_for_end(pid_t process)
{
	siginfo_t info;
	sigset_t wanted;
	int result;

	// Threads of libraries block them: this one is there for as long as the command runs.
	sigemptyset(&wanted);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++)
		sigaddset(&wanted, passed_on[i]);
	pthread_sigmask(SIG_UNBLOCK, &wanted, NULL);
	// It keeps its number until it is reaped, so that no signal can go to another process.
	do
		result = waitid(P_PID, (id_t)process, &info, WEXITED | WNOWAIT);
	while (result && errno == EINTR);
	return result ? -errno : 0;
}

int energyd_reap(pid_t process)
{
	int status;
	pid_t result;

	do
		result = waitpid(process, &status, 0);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

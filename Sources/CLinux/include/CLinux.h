// System calls that glibc has no function for, or only one that Swift cannot call, and ioctls.
#pragma once

#include <linux/capability.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/vfs.h>

// Strict C hides it in unistd.h.
long syscall(long number, ...);

/// Opens a counter of everything that runs on one CPU; with `times`, reading it also gives for how long it was enabled
/// and running. Returns the descriptor, or a negative errno. perf_event_open(2)
int energyd_perf_open(uint32_t type, uint64_t config, int cpu, int times);

/// Sends a command to the system's BMC; 0, or a negative errno. include/uapi/linux/ipmi.h
int energyd_ipmi_send(int descriptor, long id, uint8_t function, uint8_t command, const uint8_t *data, size_t size);

/// Waits for the next answer: its length, the first byte being the completion code, or a negative errno.
/// `id` receives that of the command it answers.
int energyd_ipmi_receive(int descriptor, int milliseconds, long *id, uint8_t *buffer, size_t size);

/// The next entries of a directory, as `struct linux_dirent64`: their bytes, 0 at the end, or -1 with errno. getdents(2)
static inline long energyd_read_directory(int descriptor, void *buffer, size_t size)
{
	return syscall(SYS_getdents64, descriptor, buffer, size);
}

/// The type of the file system that a path lies in, as in `linux/magic.h`; -1 with errno. statfs(2)
static inline long energyd_file_system(const char *path)
{
	struct statfs system;
	return statfs(path, &system) == 0 ? (long)system.f_type : -1;
}

/// Has pieces of memory of `size` bytes and more returned to the kernel when they are freed, and keeps the allocator from
/// spreading over more than `arenas` heaps. mallopt(3)
static inline void energyd_return_memory(int size, int arenas)
{
	mallopt(M_MMAP_THRESHOLD, size);
	mallopt(M_TRIM_THRESHOLD, size);
	mallopt(M_ARENA_MAX, arenas);
}

/// Gives what is free at the end of the heaps and within them back to the kernel. malloc_trim(3)
static inline void energyd_trim_memory(void)
{
	malloc_trim(0);
}

/// Lets other threads go first. setpriority(2): on Linux, of the calling thread alone.
static inline void energyd_yield_to_others(int nice)
{
	setpriority(PRIO_PROCESS, 0, nice);
}

/// Sets the calling thread's effective and permitted capabilities. Returns 0, or -1 with errno. capset(2)
static inline int energyd_set_capabilities(uint64_t effective, uint64_t permitted)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = (uint32_t)effective, .permitted = (uint32_t)permitted},
		{.effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32)},
	};

	return (int)syscall(SYS_capset, &header, data);
}

/// Reads the calling thread's capabilities. Returns 0, or -1 with errno. capget(2)
static inline int energyd_get_capabilities(uint64_t *effective, uint64_t *permitted)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -1;
	*effective = data[0].effective | (uint64_t)data[1].effective << 32;
	*permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

/// Closes every descriptor from this one on. close_range(2), Linux 5.9
static inline void energyd_close_from(unsigned int first)
{
	(void)syscall(SYS_close_range, first, ~0U, 0);
}

/// Names the calling thread, which for the first one names the process. prctl(2)
static inline void energyd_set_name(const char *name)
{
	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// Lets programs that the calling thread runs have a capability that it holds itself, or no longer. Returns 0, or -1 with
/// errno. capabilities(7), "Ambient"
static inline int energyd_pass_on_capability(int capability, int passes)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	uint32_t bit = 1U << capability % 32;

	if (syscall(SYS_capget, &header, data))
		return -1;
	if (passes)
		data[capability / 32].inheritable |= bit;
	else
		data[capability / 32].inheritable &= ~bit;
	if (syscall(SYS_capset, &header, data))
		return -1;
	// What is no longer inheritable is no longer ambient either.
	return passes ? prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) : 0;
}

/// Takes a capability out of what any program run later could get. prctl(2)
static inline int energyd_drop_from_bounding_set(int capability)
{
	return prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

/// Allows as much locked memory as this process may have. setrlimit(2)
static inline void energyd_raise_locked_memory_limit(void)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	// RLIMIT_MEMLOCK, which strict C hides.
	if (!setrlimit(8, &limit) || getrlimit(8, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(8, &limit);
}

/// Allows as many open files as this process may have: a counter is one on every CPU. setrlimit(2)
static inline void energyd_raise_open_files_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/// The commit that the program was built from, `-dirty` after it where files had been changed since; empty where the
/// build did not know.
const char *energyd_revision(void);

/// From here on nothing that is run can gain privileges. prctl(2)
static inline int energyd_forbid_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/// From now on SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 and SIGUSR2, unless they are ignored, go to the process that
/// `energyd_pass_signals_to` names and do not end this one. Those of the terminal are only noted.
void energyd_pass_signals_on(void);

/// The process that gets them; 0 for none.
void energyd_pass_signals_to(pid_t process);

/// The last of the first four that came since the program began, or since this was last called; 0 for none.
int energyd_take_signal(void);

/// Starts a child that will become the command `arguments[0]` (found through PATH) and waits for `energyd_let_run`. Where
/// `gate` is closed before, it ends. Returns its number, or a negative errno; `gate` and `report` are the caller's to close.
pid_t energyd_start_waiting(char *const arguments[], int *gate, int *report);

/// Has it become the command. Returns 0 when that has begun, else the errno of execve(2); the child ends then.
int energyd_let_run(int gate, int report);

/// Waits until a child has ended, which stays to be reaped; the calling thread takes the signals that are passed on. 0, or
/// a negative errno.
int energyd_wait_for_end(pid_t process);

/// Its exit code, 128 + N after signal N, or a negative errno. To be called once.
int energyd_reap(pid_t process);

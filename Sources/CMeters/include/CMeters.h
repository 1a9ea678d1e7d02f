// The two kernel interfaces for meters that Swift cannot call: a variadic system call and ioctls.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Opens a counting perf event for everything that runs on `cpu`: a descriptor, or a negative errno.
/// perf_event_open(2)
int energyd_perf_open(uint32_t type, uint64_t config, int cpu);

/// Sends a command to the system's BMC; 0, or a negative errno. include/uapi/linux/ipmi.h
int energyd_ipmi_send(int descriptor, long id, uint8_t function, uint8_t command, const uint8_t *data, size_t size);

/// Waits for the next answer: its length, the first byte being the completion code, or a negative errno.
/// `id` receives that of the command it answers.
int energyd_ipmi_receive(int descriptor, int milliseconds, long *id, uint8_t *buffer, size_t size);

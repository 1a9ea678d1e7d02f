// The kernel programs, embedded, and the layout of what they write.
#pragma once

#include <stddef.h>

#include "../../../bpf/events.h"

/// The compiled object `energy.bpf.o` and its size in bytes.
extern const unsigned char *const energyd_bpf_object;
extern const size_t energyd_bpf_object_size;

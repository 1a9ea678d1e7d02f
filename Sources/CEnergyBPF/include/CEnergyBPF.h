// The kernel programs, embedded, and the layout of what they write.
#pragma once

#include <stddef.h>

#include "../../../bpf/events.h"

/// The compiled object `accounting.bpf.o` and its size in bytes.
extern const unsigned char *const energyd_accounting_object;
extern const size_t energyd_accounting_object_size;

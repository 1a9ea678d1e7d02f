// What the BPF module uses of libbpf, by its own headers.
#pragma once
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <malloc.h>

#if !defined(LIBBPF_MAJOR_VERSION) || LIBBPF_MAJOR_VERSION < 1
#error "libbpf 1.1 or newer is needed: Debian 12, Ubuntu 24.04 and Fedora 38 have it"
#endif

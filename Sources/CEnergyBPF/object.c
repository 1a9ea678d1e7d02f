#include "CEnergyBPF.h"

#if !__has_embed("../../.build-bpf/accounting.bpf.o")
#error "the kernel programs are not built: run `make bpf` first"
#endif

// libbpf wants the ELF image aligned like its header.
static const unsigned char object[] __attribute__((aligned(8))) = {
#embed "../../.build-bpf/accounting.bpf.o"
};

const unsigned char *const energyd_accounting_object = object;
const size_t energyd_accounting_object_size = sizeof(object);

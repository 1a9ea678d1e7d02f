#include "CLinux.h"

// Written by the Makefile, without a new line at the end; a build without it does not know.
#if __has_embed("../../.build-bpf/revision") == __STDC_EMBED_FOUND__
static const char revision[] = {
#embed "../../.build-bpf/revision" suffix(, )
	0};
#else
static const char revision[] = "";
#endif

const char *energyd_revision(void)
{
	return revision;
}

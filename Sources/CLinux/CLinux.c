#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/ipmi.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int energyd_perf_open(uint32_t type, uint64_t config, int cpu, int times)
{
	struct perf_event_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.size = sizeof(attributes);
	attributes.type = type;
	attributes.config = config;
	if (times)
		attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	long descriptor = syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return descriptor < 0 ? -errno : (int)descriptor;
}

int energyd_ipmi_send(int descriptor, long id, uint8_t function, uint8_t command, const uint8_t *data, size_t size)
{
	struct ipmi_system_interface_addr address = {
		.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
		.channel = IPMI_BMC_CHANNEL,
	};
	struct ipmi_req request = {
		.addr = (unsigned char *)&address,
		.addr_len = sizeof(address),
		.msgid = id,
		.msg = {.netfn = function, .cmd = command, .data_len = size, .data = (unsigned char *)data},
	};

	return ioctl(descriptor, IPMICTL_SEND_COMMAND, &request) < 0 ? -errno : 0;
}

int energyd_ipmi_receive(int descriptor, int milliseconds, long *id, uint8_t *buffer, size_t size)
{
	struct pollfd waiting = {.fd = descriptor, .events = POLLIN};
	int ready = poll(&waiting, 1, milliseconds);

	if (ready <= 0)
		return ready < 0 ? -errno : -ETIMEDOUT;
	struct ipmi_addr address;
	struct ipmi_recv answer = {
		.addr = (unsigned char *)&address,
		.addr_len = sizeof(address),
		.msg = {.data = buffer, .data_len = size},
	};
	// A longer answer than there is room for is cut and reported as EMSGSIZE, with what fits in place.
	if (ioctl(descriptor, IPMICTL_RECEIVE_MSG_TRUNC, &answer) < 0 && errno != EMSGSIZE)
		return -errno;
	*id = answer.msgid;
	return answer.msg.data_len;
}

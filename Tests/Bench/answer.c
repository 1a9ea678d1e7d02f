// SPDX-License-Identifier: Apache-2.0
/* answer PORT   the least that an HTTP server can do: what a probe of it takes is the machine's own delay. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
	int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (argc != 2) {
		fprintf(stderr, "usage: answer PORT\n");
		return 64;
	}
	address.sin_port = htons(atoi(argv[1]));
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 64)) {
		perror("answer: cannot listen");
		return 1;
	}
	for (;;) {
		char request[4096];
		int connection = accept(listener, 0, 0);

		if (connection < 0)
			continue;
		if (read(connection, request, sizeof(request)) > 0 && write(connection, answer, sizeof(answer) - 1) < 0)
			perror("answer");
		close(connection);
	}
}

/*
 * Stands in for pigpiod's program in the virtual machine: one process that listens to this machine alone and passes
 * every connection on to the twin outside. As pigpiod, it leaves its caller without -g, and insists on -l here.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 8888
#define MOST 32

static struct pollfd files[2 * MOST + 1]; /* the listener, then pairs: near and far */

static void quick(int file)
{
	int one = 1;

	setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static int carry(int from, int to)
{
	char bytes[65536];
	ssize_t count = recv(from, bytes, sizeof bytes, 0), done = 0, sent;

	if (count <= 0)
		return 0;
	while (done < count) {
		sent = send(to, bytes + done, (size_t)(count - done), MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			return 0;
		if (sent > 0)
			done += sent;
	}
	return 1;
}

static void take(const struct sockaddr_in *twin)
{
	int near = accept(files[0].fd, NULL, NULL), far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), i;

	for (i = 1; i < 2 * MOST && files[i].fd >= 0; i += 2)
		;
	if (near < 0 || i >= 2 * MOST || connect(far, (const struct sockaddr *)twin, sizeof *twin)) {
		if (near >= 0)
			close(near);
		close(far);
		return;
	}
	quick(near);
	quick(far);
	files[i].fd = near;
	files[i + 1].fd = far;
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(PORT) }, twin = here;
	int local = 0, foreground = 0, one = 1, i;

	for (i = 1; i < argc; i++) {
		local |= !strcmp(argv[i], "-l");
		foreground |= !strcmp(argv[i], "-g");
	}
	if (!local) {
		fputs("pigpiod would listen to the whole network\n", stderr);
		return 1;
	}
	inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
	inet_pton(AF_INET, TWIN_ADDRESS, &twin.sin_addr);
	twin.sin_port = htons(TWIN_PORT);
	for (i = 0; i <= 2 * MOST; i++)
		files[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	files[0].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(files[0].fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(files[0].fd, (struct sockaddr *)&here, sizeof here) || listen(files[0].fd, 8)) {
		perror("pigpiod: port 8888");
		return 1;
	}
	if (!foreground && daemon(0, 0))
		return 1;
	for (;;) {
		if (poll(files, 2 * MOST + 1, -1) < 0 && errno != EINTR)
			return 1;
		if (files[0].revents)
			take(&twin);
		for (i = 1; i <= 2 * MOST; i++) {
			int other = i % 2 ? i + 1 : i - 1;

			if (files[i].fd < 0 || !files[i].revents || carry(files[i].fd, files[other].fd))
				continue;
			close(files[i].fd);
			close(files[other].fd);
			files[i].fd = files[other].fd = -1;
			files[i].revents = files[other].revents = 0;
		}
	}
}

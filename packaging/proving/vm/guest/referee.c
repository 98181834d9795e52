/*
 * Tells when the machine itself stood still: every 40 ms, before all other programs, it asks the twin for the time, as
 * the guard does through pigpiod. An answer that took longer than LATE_MS is a line in /run/referee: how long, in ms.
 * A hat that was late then has the host to blame, or the emulation, and not the programs on trial.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LATE_MS 60
#define EVERY_MS 40
#define PATIENCE_MS 5000

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int dial(void)
{
	struct sockaddr_in twin = { .sin_family = AF_INET, .sin_port = htons(TWIN_PORT) };
	int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	inet_pton(AF_INET, TWIN_ADDRESS, &twin.sin_addr);
	if (connect(file, (struct sockaddr *)&twin, sizeof twin)) {
		close(file);
		return -1;
	}
	setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return file;
}

/* One question for the clock (command 16); 0 when there was an answer. */
static int ask(int file)
{
	static const char tick[16] = { 16 };
	struct pollfd wait = { .fd = file, .events = POLLIN };
	char answer[16];

	if (send(file, tick, sizeof tick, MSG_NOSIGNAL) != sizeof tick || poll(&wait, 1, PATIENCE_MS) <= 0)
		return -1;
	return recv(file, answer, sizeof answer, MSG_WAITALL) == sizeof answer ? 0 : -1;
}

int main(void)
{
	struct sched_param first = { .sched_priority = 90 };
	int twin = -1, late = open("/run/referee", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	long long since, took;

	mlockall(MCL_CURRENT | MCL_FUTURE);
	sched_setscheduler(0, SCHED_FIFO, &first);
	for (since = now_ms();; since = now_ms()) {
		usleep(EVERY_MS * 1000);
		if (twin < 0)
			twin = dial();
		else if (ask(twin)) {
			close(twin);
			twin = -1;
			continue; /* the twin was taken away: nobody's fault */
		}
		took = now_ms() - since - EVERY_MS;
		if (twin >= 0 && took >= LATE_MS)
			dprintf(late, "%lld\n", took);
	}
}

/*
 * Runs the commands of the proof in the virtual machine: reads them from a virtio port, answers with status and output.
 * A request is "COMMAND-BYTES INPUT-BYTES\n", the command for bash and what it reads; an answer "STATUS BYTES
 * BYTES\n" and what it said, on standard output and on standard error. It lives in memory, so that neither a full disk nor one that is read-only stops it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int port;

static void all(ssize_t (*move)(int, void *, size_t), int file, char *bytes, size_t count)
{
	while (count) {
		ssize_t done = move(file, bytes, count);

		if (done > 0) {
			bytes += done;
			count -= (size_t)done;
		} else if (done == 0 || errno == EAGAIN || errno == EINTR) {
			usleep(2000); /* the other side is not there yet */
		} else {
			exit(1);
		}
	}
}

static ssize_t put(int file, void *bytes, size_t count)
{
	return write(file, bytes, count);
}

static void header(char *line, size_t room)
{
	size_t n = 0;

	do
		all(read, port, line + n, 1);
	while (line[n] != '\n' && ++n < room - 1);
	line[n] = 0;
}

static int run(const char *command, int input, const int *output)
{
	int status;
	pid_t child = vfork();

	if (child == 0) {
		setsid();
		dup2(input, 0);
		dup2(output[0], 1);
		dup2(output[1], 2);
		execl("/bin/bash", "bash", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (child < 0)
		return 126;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The first port there is; its number depends on how many other devices the machine has. */
static int first_port(void)
{
	glob_t found;
	int file = -1;

	if (!glob("/dev/vport*p1", 0, NULL, &found))
		file = open(found.gl_pathv[0], O_RDWR | O_CLOEXEC);
	globfree(&found);
	return file;
}

int main(void)
{
	char line[64];

	while ((port = first_port()) < 0)
		usleep(20000);
	mlockall(MCL_CURRENT | MCL_FUTURE);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("DEBIAN_FRONTEND", "noninteractive", 1);
	for (;;) {
		size_t length, given;
		int input = memfd_create("input", MFD_CLOEXEC), output[2], status, i;
		char *command, *bytes;
		off_t said[2];

		header(line, sizeof line);
		if (sscanf(line, "%zu %zu", &length, &given) != 2)
			continue;
		command = calloc(1, length + 1);
		all(read, port, command, length);
		bytes = malloc(given + 1);
		all(read, port, bytes, given);
		all(put, input, bytes, given);
		lseek(input, 0, SEEK_SET);
		free(bytes);
		for (i = 0; i < 2; i++)
			output[i] = memfd_create("output", MFD_CLOEXEC);
		status = run(command, input, output);
		free(command);
		close(input);
		for (i = 0; i < 2; i++)
			said[i] = lseek(output[i], 0, SEEK_END);
		snprintf(line, sizeof line, "%d %lld %lld\n", status, (long long)said[0], (long long)said[1]);
		all(put, port, line, strlen(line));
		for (i = 0; i < 2; i++) {
			bytes = malloc((size_t)said[i] + 1);
			lseek(output[i], 0, SEEK_SET);
			all(read, output[i], bytes, (size_t)said[i]);
			all(put, port, bytes, (size_t)said[i]);
			free(bytes);
			close(output[i]);
		}
	}
}

// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/*
 * machbootd: the bootstrap server.  Reads its configuration, forks the
 * launcher, becomes the bootstrap port of the IPC instance, gives up its
 * privileges, tells systemd, and serves.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <mach/mach.h>

#include "config.h"
#include "launcher.h"
#include "privilege.h"
#include "server.h"

#define CONFIG_FOLDER	"/etc/machbootd.d"

static struct config config;

static void __attribute__((noreturn)) usage(int status)
{
	fprintf(status ? stderr : stdout,
		"usage: machbootd [-d FOLDER] [-u USER]\n"
		"  -d FOLDER  configuration, *.conf (default "
		CONFIG_FOLDER ")\n"
		"  -u USER    become USER, a name or a number, when started\n");
	exit(status);
}

/* The protocol of sd_notify(3): a datagram to the socket that it names. */
static void tell_systemd(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path ? strlen(path) : 0;
	int fd;

	if (length < 2 || length >= sizeof(address.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL,
		   (struct sockaddr *)&address,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			       length)) < 0)
		perror("machbootd: NOTIFY_SOCKET");
	close(fd);
}

static void ready(void)
{
	tell_systemd("READY=1\nSTATUS=Serving\n");
}

static void parse(int argc, char **argv, const char **folder)
{
	int option;

	*folder = CONFIG_FOLDER;
	config.uid = geteuid();
	config.gid = getegid();
	while ((option = getopt(argc, argv, "d:u:h")) >= 0) {
		switch (option) {
		case 'd':
			*folder = optarg;
			break;
		case 'u':
			config.user = optarg;
			break;
		case 'h':
			usage(0);
		default:
			usage(2);
		}
	}
	if (optind != argc)
		usage(2);
	if (config.user &&
	    (!config_user(config.user, &config.uid, &config.gid) ||
	     !config_may_become(config.uid))) {
		fprintf(stderr, "machbootd: cannot become %s\n", config.user);
		exit(1);
	}
}

/* Only for this is the privilege needed that we were started with. */
static bool become_bootstrap(mach_port_t port)
{
	kern_return_t kr = mach_set_instance_bootstrap(port);

	if (kr)
		fprintf(stderr, "machbootd: bootstrap port: %s%s\n",
			mach_error_string(kr), kr == KERN_NO_ACCESS ?
			" (CAP_SYS_ADMIN is needed at the start)" : "");
	return !kr;
}

int main(int argc, char **argv)
{
	const char *folder;
	mach_port_t root;
	int launcher, status;

	parse(argc, argv, &folder);
	if (!config_read(&config, folder))
		return 1;
	launcher = launcher_start(&config);
	if (launcher < 0) {
		perror("machbootd: launcher");
		return 1;
	}
	root = server_init(&config, launcher);
	if (root == MACH_PORT_NULL || !become_bootstrap(root))
		return 1;
	if (!privilege_drop(config.uid, config.gid)) {
		perror("machbootd: giving up privileges");
		return 1;
	}
	status = server_run(ready);
	tell_systemd("STOPPING=1\n");
	return status;
}

// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Reading the configuration: lines "key = value", "#" begins a comment. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

#define THROTTLE_SECONDS	10
#define THROTTLE_MOST		3600

struct line {
	const char *file;
	unsigned int number;
	char *key, *value;
};

static bool complain(const struct line *line, const char *what)
{
	fprintf(stderr, "machbootd: %s:%u: %s\n", line->file, line->number,
		what);
	return false;
}

/* A number needs no entry, and is a group too. */
bool config_user(const char *user, uid_t *uid, gid_t *gid)
{
	const struct passwd *entry;
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(user, &end, 10);
	if (user[0] >= '0' && user[0] <= '9' && !*end && !errno &&
	    number < UINT32_MAX) {
		*uid = (uid_t)number;
		*gid = (gid_t)number;
		return true;
	}
	entry = getpwnam(user);
	if (!entry)
		return false;
	*uid = entry->pw_uid;
	*gid = entry->pw_gid;
	return true;
}

bool config_may_become(uid_t uid)
{
	return geteuid() == 0 || uid == geteuid();
}

static char *copy(const char *text)
{
	char *new = strdup(text);

	if (!new) {
		perror("machbootd");
		exit(1);
	}
	return new;
}

static bool add_name(const struct config *config, struct job_config *job,
		     const struct line *line)
{
	if (job->name_count == CONFIG_NAMES)
		return complain(line, "too many names");
	if (!line->value[0] || strlen(line->value) >= BOOTSTRAP_MAX_NAME_LEN)
		return complain(line, "a name has 1 to 127 bytes");
	for (unsigned int i = 0; i <= config->job_count; i++)
		for (unsigned int j = 0; j < config->jobs[i].name_count; j++)
			if (!strcmp(config->jobs[i].names[j], line->value))
				return complain(line, "this name is taken");
	strcpy(job->names[job->name_count++], line->value);
	return true;
}

/* Words between blanks; there is no way to quote one. */
static bool set_exec(struct job_config *job, const struct line *line)
{
	unsigned int count = 0;
	char *rest, *word;

	if (job->words[0])
		return complain(line, "a second exec");
	if (line->value[0] != '/')
		return complain(line, "exec needs an absolute path");
	for (word = strtok_r(line->value, " \t", &rest); word;
	     word = strtok_r(NULL, " \t", &rest)) {
		if (count == CONFIG_WORDS)
			return complain(line, "too many words");
		job->words[count++] = copy(word);
	}
	return true;
}

static bool set_throttle(struct job_config *job, const struct line *line)
{
	unsigned long seconds;
	char *end;

	errno = 0;
	seconds = strtoul(line->value, &end, 10);
	if (errno || *end || end == line->value || seconds > THROTTLE_MOST)
		return complain(line, "throttle needs seconds, 0 to 3600");
	job->throttle = (unsigned int)seconds * 1000;
	return true;
}

static bool set(struct config *config, struct job_config *job,
		const struct line *line)
{
	if (!strcmp(line->key, "name"))
		return add_name(config, job, line);
	if (!strcmp(line->key, "exec"))
		return set_exec(job, line);
	if (!strcmp(line->key, "throttle"))
		return set_throttle(job, line);
	if (!strcmp(line->key, "user")) {
		free(job->user);
		job->user = copy(line->value);
		if (!config_user(line->value, &job->uid, &job->gid))
			return complain(line, "no such user");
		return config_may_become(job->uid) ||
		       complain(line, "only root can start others' programs");
	}
	return complain(line, "unknown key");
}

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && strchr(" \t\n", end[-1]))
		*--end = 0;
	return text;
}

static bool read_lines(struct config *config, struct job_config *job,
		       FILE *file)
{
	struct line line = { .file = job->file };
	char *text = NULL, *equals;
	size_t room = 0;
	bool good = true;

	while (good && getline(&text, &room, file) >= 0) {
		line.number++;
		line.key = trim(text);
		if (!line.key[0] || line.key[0] == '#')
			continue;
		equals = strchr(line.key, '=');
		if (!equals) {
			good = complain(&line, "no =");
			break;
		}
		*equals = 0;
		line.value = trim(equals + 1);
		line.key = trim(line.key);
		good = set(config, job, &line);
	}
	free(text);
	if (good && !job->name_count)
		good = complain(&line, "no name");
	if (good && !job->words[0])
		good = complain(&line, "no exec");
	return good;
}

/* It names programs that run as other users: not for everybody to write. */
static bool is_trusted(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	       (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static bool read_job(struct config *config, int folder, const char *name)
{
	struct job_config *job = &config->jobs[config->job_count];
	struct line line = { .file = name };
	FILE *file;
	bool good;
	int fd;

	if (config->job_count == CONFIG_JOBS)
		return complain(&line, "too many files");
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "re");
	if (!file)
		return complain(&line, strerror(errno));
	job->file = copy(name);
	job->throttle = THROTTLE_SECONDS * 1000;
	job->user = config->user ? copy(config->user) : NULL;
	job->uid = config->uid;
	job->gid = config->gid;
	good = is_trusted(fd) ? read_lines(config, job, file) :
		complain(&line, "not a file that only root may write");
	fclose(file);
	if (good)
		config->job_count++;
	return good;
}

static int is_config(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       !strcmp(entry->d_name + length - 5, ".conf");
}

bool config_read(struct config *config, const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries = NULL;
	bool good = true;
	int count = 0;

	if (fd >= 0)
		count = scandirat(fd, ".", &entries, is_config, alphasort);
	if (fd < 0 || count < 0) {
		fprintf(stderr, "machbootd: %s: %m\n", folder);
		return false;
	}
	for (int i = 0; i < count; i++) {
		good = good && read_job(config, fd, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	close(fd);
	return good;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Programs and the corpus of them, in memory and as lines of text.
 */
#include <stdlib.h>
#include <string.h>

#include "program.h"

#define PREFIX	"program:"

bool fuzz_program_step(const struct fuzz_program *program, __u32 *at,
		       struct fuzz_step *step)
{
	__u32 words = program->words;

	if (words > FUZZ_WORDS || *at >= words)
		return false;
	step->count = program->word[*at];
	step->words = &program->word[*at + 1];
	if (step->count > words - *at - 1)
		return false;
	*at += 1 + step->count;
	return true;
}

bool fuzz_program_add(struct fuzz_program *program,
		      const struct fuzz_step *step)
{
	if (step->count >= FUZZ_WORDS - program->words)
		return false;
	program->word[program->words++] = step->count;
	memcpy(&program->word[program->words], step->words,
	       step->count * sizeof(__u32));
	program->words += step->count;
	return true;
}

void fuzz_program_print(const struct fuzz_program *program, FILE *file)
{
	struct fuzz_step step;
	__u32 at = 0, i;

	fputs("# " PREFIX, file);
	while (fuzz_program_step(program, &at, &step)) {
		fputs(step.count ? " " : " -", file);
		for (i = 0; i < step.count; i++)
			fprintf(file, i ? ".%x" : "%x", step.words[i]);
	}
	fputc('\n', file);
}

bool fuzz_program_parse(struct fuzz_program *program, const char *line)
{
	__u32 words[FUZZ_WORDS];
	struct fuzz_step step = { .words = words };
	char *end;

	program->words = 0;
	program->points = 0;
	line = strstr(line, PREFIX);
	if (!line)
		return false;
	line += strlen(PREFIX);
	while (*line == ' ') {
		step.count = 0;
		line++;
		do {
			words[step.count] = strtoul(line, &end, 16);
			if (end == line)
				break;
			step.count++;
			line = end;
		} while (*line++ == '.' && step.count < FUZZ_WORDS);
		line -= end == line - 1;
		line += *line == '-';
		if (!fuzz_program_add(program, &step))
			break;
	}
	return program->words > 0;
}

unsigned long fuzz_corpus_size(const struct fuzz_corpus *corpus)
{
	unsigned long added;

	added = __atomic_load_n(&corpus->added, __ATOMIC_RELAXED);
	return added < FUZZ_PROGRAMS ? added : FUZZ_PROGRAMS;
}

void fuzz_corpus_add(struct fuzz_corpus *corpus,
		     const struct fuzz_program *program)
{
	unsigned long slot = __atomic_fetch_add(&corpus->added, 1,
						__ATOMIC_RELAXED);

	memcpy(&corpus->program[slot % FUZZ_PROGRAMS], program,
	       offsetof(struct fuzz_program, word[program->words]));
}

long fuzz_corpus_read(struct fuzz_corpus *corpus, const char *path)
{
	struct fuzz_program program;
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	long count = 0;

	if (!file)
		return -1;
	while (getline(&line, &room, file) > 0)
		if (fuzz_program_parse(&program, line)) {
			fuzz_corpus_add(corpus, &program);
			count++;
		}
	free(line);
	fclose(file);
	return count;
}

void fuzz_corpus_print(const struct fuzz_corpus *corpus, FILE *file)
{
	unsigned long i;

	for (i = 0; i < fuzz_corpus_size(corpus); i++)
		if (corpus->program[i].points)
			fuzz_program_print(&corpus->program[i], file);
}

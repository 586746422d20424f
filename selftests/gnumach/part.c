// SPDX-License-Identifier: GPL-2.0
/*
 * Some functions of one of GNU Mach's test programs, whose main() would call
 * others, too: -DPROGRAM=<file> -DCALLS=f(),g()
 */
#define main whole_main
#include PROGRAM
#undef main

int main(int argc, char *argv[], int envc, char *envp[])
{
	(void)whole_main;
	(void)argc;
	(void)argv;
	(void)envc;
	(void)envp;
	CALLS;
	return 0;
}

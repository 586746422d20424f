/* SPDX-License-Identifier: GPL-2.0 */
/* The exercise server, in a process of its own. */
#ifndef SERVER_H
#define SERVER_H

#include <mach/port.h>

/* mig gives the two no prototypes. */
boolean_t exercise_server(mach_msg_header_t *in, mach_msg_header_t *out);
boolean_t notify_server(mach_msg_header_t *in, mach_msg_header_t *out);

/* Serves port for ever. */
void serve(mach_port_t port) __attribute__((noreturn));

#endif /* SERVER_H */

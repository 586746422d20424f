/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Block devices and swap in a guest, mostly without a disk.
 *
 * They come from modules of the guest's kernel, which must lie, not
 * compressed, beside the test program (tools/vm/run --add) or where the kernel
 * was installed: loop.ko; zram.ko and zsmalloc.ko on 6.1, zram.ko,
 * lz4_compress.ko and lz4hc_compress.ko on 6.12.
 */
#ifndef MACH_DISK_H
#define MACH_DISK_H

#include <stdbool.h>

/*
 * A loop device over memory, opened with @flags (O_DIRECT); each 512 bytes
 * begin with their number as 64 bits.  Its reads are done by a kernel thread.
 * It goes with the last descriptor.  -1: there is no loop.ko.
 */
int mt_loop_disk(unsigned long bytes, int flags);

/*
 * Swap space: on /dev/vda when that is swap space with the name that
 * tools/vm/run gives it, else compressed in memory, @bytes; false: there is
 * neither such a disk nor zram.ko.  It goes with the last mt_swap_off() of
 * the process, which does nothing without it.
 */
bool mt_swap_on(unsigned long bytes);
void mt_swap_off(void);

#endif /* MACH_DISK_H */

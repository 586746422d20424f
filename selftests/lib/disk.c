// SPDX-License-Identifier: GPL-2.0
/*
 * Loop devices and swap: see disk.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "disk.h"
#include "mach_test.h"

#define ZRAM	"/dev/zram0"
/* Where tools/vm/run puts a disk for swap, and how it marks it. */
#define DISK	"/dev/vda"
#define LABEL	"mach-selftests"
#define LABEL_AT	1052

/* Also if it is there already, or part of the kernel. */
static bool load_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long failed;

	if (fd < 0)
		return false;
	failed = syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST;
	close(fd);
	return !failed;
}

static void load(const char *folder, const char *name)
{
	struct utsname kernel;
	char path[256];

	snprintf(path, sizeof(path), "./%s.ko", name);
	if (load_file(path))
		return;
	mt_must(uname(&kernel));
	snprintf(path, sizeof(path), "/lib/modules/%s/kernel/%s/%s.ko",
		 kernel.release, folder, name);
	load_file(path);
}

/* The content of a disk: see disk.h. */
static int numbered_file(unsigned long bytes)
{
	int fd = memfd_create("disk", MFD_CLOEXEC);
	__u64 *words;

	mt_check(fd >= 0);
	mt_must(ftruncate(fd, bytes));
	words = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	mt_check(words != MAP_FAILED);
	for (unsigned long at = 0; at < bytes; at += 512)
		words[at / 8] = at / 512;
	mt_unmap(words, bytes);
	return fd;
}

static int open_device(const char *path, int flags)
{
	int fd = -1;

	/* devtmpfs may take a moment. */
	for (int i = 0; i < 100 && fd < 0; i++) {
		fd = open(path, flags | O_CLOEXEC);
		if (fd < 0)
			mt_sleep(10);
	}
	return fd;
}

int mt_loop_disk(unsigned long bytes, int flags)
{
	struct loop_config config = {
		.info.lo_flags = LO_FLAGS_AUTOCLEAR,
		.block_size = 512,
	};
	int control, device, disk;
	char path[32];

	load("drivers/block", "loop");
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return -1;
	snprintf(path, sizeof(path), "/dev/loop%d",
		 ioctl(control, LOOP_CTL_GET_FREE));
	close(control);
	device = open_device(path, O_RDWR);
	mt_check(device >= 0);
	config.fd = numbered_file(bytes);
	mt_must(ioctl(device, LOOP_CONFIGURE, &config));
	close(config.fd);
	disk = open_device(path, O_RDWR | flags);
	mt_check(disk >= 0);
	close(device);
	return disk;
}

/* The header that mkswap writes: version 1, and the last page's number. */
static void make_swap(const char *path, unsigned long bytes)
{
	char page[MT_PAGE] = "";
	__u32 *words = (__u32 *)page;
	int fd = open_device(path, O_RDWR);

	words[256] = 1;
	words[257] = bytes / MT_PAGE - 1;
	memcpy(page + MT_PAGE - 10, "SWAPSPACE2", 10);
	mt_check(fd >= 0);
	mt_check(write(fd, page, MT_PAGE) == (ssize_t)MT_PAGE);
	mt_must(fsync(fd));
	close(fd);
}

/* Nobody else's swap is called that. */
static bool has_swap_disk(void)
{
	char label[sizeof(LABEL)] = "";
	int fd = open(DISK, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (pread(fd, label, sizeof(label) - 1, LABEL_AT) < 0)
		label[0] = '\0';
	close(fd);
	return !strcmp(label, LABEL);
}

/* false: there is no zram.ko. */
static bool make_zram(unsigned long bytes)
{
	FILE *size;

	/* What zram.ko needs: the first on 6.1, the others on 6.12. */
	load("mm", "zsmalloc");
	load("lib/lz4", "lz4_compress");
	load("lib/lz4", "lz4hc_compress");
	load("drivers/block/zram", "zram");
	size = fopen("/sys/block/zram0/disksize", "we");
	if (!size)
		return false;
	fprintf(size, "%lu\n", bytes);
	/* EBUSY: a test that died has left it on. */
	if (!fclose(size) || errno != EBUSY)
		make_swap(ZRAM, bytes);
	return true;
}

/* How often this process wants it. */
static unsigned int wanted;

bool mt_swap_on(unsigned long bytes)
{
	bool disk = has_swap_disk();

	if (!wanted) {
		if (!disk && !make_zram(bytes))
			return false;
		if (swapon(disk ? DISK : ZRAM, 0))
			mt_check(errno == EBUSY);
	}
	wanted++;
	return true;
}

void mt_swap_off(void)
{
	FILE *reset;

	if (!wanted || --wanted)
		return;
	if (has_swap_disk()) {
		mt_must(swapoff(DISK));
		return;
	}
	mt_must(swapoff(ZRAM));
	reset = fopen("/sys/block/zram0/reset", "we");
	mt_check(reset);
	fprintf(reset, "1\n");
	fclose(reset);
}

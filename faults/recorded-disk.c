/*
 * Loaded before a process (LD_PRELOAD), this records what it writes to its data file, what it makes durable, and what it
 * says on its standard output, in the one order in which that happened. Records are appended to the file that
 * KCP_DISK_LOG names: what happened (1 byte), its place in the file and its length (8 bytes each, little-endian), bytes.
 *   w write   d write that is durable when it returns (O_DSYNC)   s sync   t truncation to the place   a said
 *   ? a way of writing that the log does not describe
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define DESCRIPTORS 4096
#define PARTS 1024
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
static const char DATA_FILE[] = "/data.mdb";

enum { NOT_OURS, BUFFERED, DURABLE };
static unsigned char kinds[DESCRIPTORS];
static int log_descriptor = -1;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("KCP_DISK_LOG");
  if (path != NULL) log_descriptor = REAL(open64)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  /* Programs that this one starts are not recorded. */
  unsetenv("LD_PRELOAD");
}

static int kind_of(int descriptor) {
  return descriptor >= 0 && descriptor < DESCRIPTORS ? kinds[descriptor] : NOT_OURS;
}

static int is_said(int descriptor) { return descriptor == STDOUT_FILENO && log_descriptor >= 0; }

static void record(char what, uint64_t place, const struct iovec *parts, int count, uint64_t length) {
  char head[17];
  struct iovec all[PARTS + 1];
  uint64_t left = length;
  int used = 1;
  head[0] = what;
  memcpy(head + 1, &place, 8);
  memcpy(head + 9, &length, 8);
  all[0] = (struct iovec){head, sizeof head};
  for (int i = 0; i < count && left > 0 && used <= PARTS; i++) {
    size_t taken = parts[i].iov_len < left ? parts[i].iov_len : left;
    all[used++] = (struct iovec){parts[i].iov_base, taken};
    left -= taken;
  }
  if (REAL(writev)(log_descriptor, all, used) < 0) abort();
}

static ssize_t written(int descriptor, int64_t place, const struct iovec *parts, int count) {
  int kind = kind_of(descriptor);
  ssize_t done;
  pthread_mutex_lock(&order);
  if (kind != NOT_OURS && place < 0) {
    off64_t at = lseek64(descriptor, 0, SEEK_CUR);
    done = REAL(writev)(descriptor, parts, count);
    if (done > 0) record(kind == DURABLE ? 'd' : 'w', at, parts, count, done);
  } else if (kind != NOT_OURS) {
    done = REAL(pwritev64)(descriptor, parts, count, place);
    if (done > 0) record(kind == DURABLE ? 'd' : 'w', place, parts, count, done);
  } else {
    done = REAL(writev)(descriptor, parts, count);
    if (done > 0) record('a', 0, parts, count, done);
  }
  pthread_mutex_unlock(&order);
  return done;
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
  struct iovec part = {(void *)bytes, length};
  if (kind_of(descriptor) == NOT_OURS && !is_said(descriptor)) return REAL(write)(descriptor, bytes, length);
  return written(descriptor, -1, &part, 1);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  if (kind_of(descriptor) == NOT_OURS && !is_said(descriptor)) return REAL(writev)(descriptor, parts, count);
  return written(descriptor, -1, parts, count);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t place) {
  struct iovec part = {(void *)bytes, length};
  if (kind_of(descriptor) == NOT_OURS) return REAL(pwrite64)(descriptor, bytes, length, place);
  return written(descriptor, place, &part, 1);
}

ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t place) {
  if (kind_of(descriptor) == NOT_OURS) return REAL(pwritev64)(descriptor, parts, count, place);
  return written(descriptor, place, parts, count);
}

static int synced(int descriptor, int (*sync)(int)) {
  if (kind_of(descriptor) == NOT_OURS) return sync(descriptor);
  /* Nothing is written meanwhile, so that what counts as synced was there before. */
  pthread_mutex_lock(&order);
  int result = sync(descriptor);
  if (result == 0) record('s', 0, NULL, 0, 0);
  pthread_mutex_unlock(&order);
  return result;
}

int fdatasync(int descriptor) { return synced(descriptor, REAL(fdatasync)); }
int fsync(int descriptor) { return synced(descriptor, REAL(fsync)); }

int ftruncate64(int descriptor, off64_t length) {
  if (kind_of(descriptor) == NOT_OURS) return REAL(ftruncate64)(descriptor, length);
  pthread_mutex_lock(&order);
  int result = REAL(ftruncate64)(descriptor, length);
  if (result == 0) record('t', length, NULL, 0, 0);
  pthread_mutex_unlock(&order);
  return result;
}

int msync(void *address, size_t length, int flags) {
  pthread_mutex_lock(&order);
  if (log_descriptor >= 0) record('?', 0, NULL, 0, 0);
  pthread_mutex_unlock(&order);
  return REAL(msync)(address, length, flags);
}

static int opened(int descriptor, const char *path, int flags) {
  size_t length = strlen(path), ending = sizeof DATA_FILE - 1;
  int ours = length >= ending && strcmp(path + length - ending, DATA_FILE) == 0;
  if (descriptor < 0 || log_descriptor < 0) return descriptor;
  if (descriptor >= DESCRIPTORS) abort();
  kinds[descriptor] = !ours ? NOT_OURS : (flags & O_DSYNC) != 0 ? DURABLE : BUFFERED;
  return descriptor;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(REAL(open64)(path, flags, mode), path, flags);
}

int close(int descriptor) {
  if (descriptor >= 0 && descriptor < DESCRIPTORS) kinds[descriptor] = NOT_OURS;
  return REAL(close)(descriptor);
}

/* Hides AVX-512 and AMX from a process, to measure what a processor with AVX2 alone would do.

   gcc -O2 -shared -fPIC -o only_avx2.so experiments/bench/only_avx2.c
   LD_PRELOAD=./only_avx2.so python -m experiments.benchmark --output=runs/bench_avx2

   Libraries ask a processor for its instructions by the instruction CPUID. Here CPUID raises a
   signal (Linux on an x86 processor that can fault on it, "cpuid_fault" in /proc/cpuinfo), and the
   handler gives the true answer without the newer instructions, under the name of an Intel Skylake
   for desktops. Every library chooses by that, those that no variable of the environment limits
   included. Clock, caches and memory remain those of the machine. /proc/cpuinfo tells of all
   instructions still; ONLY_AVX2 in the environment tells the benchmark that they are hidden. */

#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define BIT(n) (1u << (n))
#define SKYLAKE 0x000506e3 /* family 6, model 94, without AVX-512 */

static int installed;

static void answer(uint32_t leaf, uint32_t part, uint32_t *a, uint32_t *b, uint32_t *c,
                   uint32_t *d) {
  if (leaf == 1) {
    *a = SKYLAKE;
  } else if (leaf == 7 && part == 0) {
    /* AVX-512 F, DQ, IFMA, PF, ER, CD, BW, VL */
    *b &= ~(BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31));
    /* AVX-512 VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; GFNI, VAES, VPCLMULQDQ */
    *c &= ~(BIT(1) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14));
    /* AVX-512 4VNNIW, 4FMAPS, VP2INTERSECT, FP16; AMX BF16, TILE, INT8 */
    *d &= ~(BIT(2) | BIT(3) | BIT(8) | BIT(23) | BIT(22) | BIT(24) | BIT(25));
  } else if ((leaf == 7 && part == 1) || leaf == 0x1d || leaf == 0x1e || leaf == 0x24) {
    *a = *b = *c = *d = 0; /* AVX-VNNI, AVX-512 BF16; sizes of AMX's tiles; AVX10 */
  } else if (leaf == 0xd && part == 0) {
    *a &= 7; /* of the registers to save: x87, SSE and AVX */
  }
}

static void on_fault(int number, siginfo_t *info, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  const uint8_t *code = (const uint8_t *)registers[REG_RIP];
  (void)number;
  if (info->si_code != SI_KERNEL || code[0] != 0x0f || code[1] != 0xa2) {
    /* Not CPUID: a crash like any other, when the instruction is tried again. */
    installed = 0;
    signal(SIGSEGV, SIG_DFL);
    return;
  }
  uint32_t leaf = registers[REG_RAX], part = registers[REG_RCX], a, b, c, d;
  syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
  __cpuid_count(leaf, part, a, b, c, d);
  syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0);
  answer(leaf, part, &a, &b, &c, &d);
  registers[REG_RAX] = a;
  registers[REG_RBX] = b;
  registers[REG_RCX] = c;
  registers[REG_RDX] = d;
  registers[REG_RIP] += 2;
}

/* Python's faulthandler would take the signal away. */
int sigaction(int number, const struct sigaction *new, struct sigaction *old) {
  int (*real)(int, const struct sigaction *, struct sigaction *) = dlsym(RTLD_NEXT, "sigaction");
  if (number == SIGSEGV && installed) {
    if (old) memset(old, 0, sizeof *old);
    return 0;
  }
  return real(number, new, old);
}

__attribute__((constructor)) static void hide(void) {
  static const char message[] = "only_avx2: this processor or kernel has no CPUID faulting\n";
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, NULL);
  installed = 1;
  setenv("ONLY_AVX2", "1", 1);
  if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0)) {
    if (write(2, message, sizeof message - 1) < 0) _exit(2);
    _exit(1);
  }
}

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Tests of rump-link.

Most link kernels of a few lines, made here with the host's compiler.  The last
class uses what NetBSD libraries and tool chains are installed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'rump-link')

LINK_SET = '''
#define ADD(set, value) \\
  static const void *const entry_##value \\
    __attribute__((section("link_set_" #set), used)) = &value;
'''

# The base: counts the entries of two sets and what its hypercall says.
BASE = LINK_SET + '''
extern int *__start_link_set_parts[], *__stop_link_set_parts[];
extern int *__start_link_set_none[];
extern int *__stop_link_set_none[] __attribute__((weak));
int rumpuser_add(int);
void __attribute__((weak)) rumpns_extra(void);
int rumpns_common;
static int part = 1;
ADD(parts, part)
int rump_init(void) {
  int sum = rumpns_common++ * 1000;
  for (int **p = __start_link_set_parts; p < __stop_link_set_parts; p++)
    sum = sum * 10 + **p;
  if (__start_link_set_none != __stop_link_set_none || rumpns_extra)
    return -1;
  return rumpuser_add(sum);
}
int rump_pub_start(void) { return 0; }
int rumpns_base(void) { return 0; }
'''

HOST = '''
static __thread int step_store;
__thread int layer_tls;
int layer_calls;
int rumpuser_add(int x) { layer_tls++; return x + layer_calls++ * 100000; }
'''


def part(digit, *code):
    """Source of a component with an entry in a link set."""
    return ''.join((LINK_SET, f'static int part = {digit};\n',
                    'ADD(parts, part)\n', *code))


class Case(unittest.TestCase):
    """A folder with installed components, and how to run the tool."""

    cc = 'cc'
    debug = '-g0'

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='test-rump-link-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.prefix = self.path('prefix')
        self.lib = os.path.join(self.prefix, 'test', 'lib')
        os.makedirs(self.lib)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def call(self, *command):
        return subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def archive(self, path, *sources):
        """Makes a static library with one member for each source."""
        objects = []
        for number, source in enumerate(sources):
            objects.append(self.path(f'member{number}.o'))
            with open(self.path('source.c'), 'w', encoding='utf-8') as file:
                file.write(source)
            self.call(self.cc, '-O1', self.debug, '-fcommon', '-fno-pie', '-w',
                      '-ffunction-sections', '-c', self.path('source.c'),
                      '-o', objects[-1])
        if os.path.exists(path):
            os.remove(path)
        self.call('ar', 'rcs', path, *objects)
        return path

    def install(self, **components):
        """Makes components of their sources; a list gives the members."""
        for name, sources in components.items():
            if isinstance(sources, str):
                sources = [sources]
            self.archive(os.path.join(
                self.lib, f'lib{name}.a'), *sources)

    def run_tool(self, *arguments):
        environment = dict(os.environ)
        environment.pop('RUMP_PREFIX', None)
        return subprocess.run(
            [sys.executable, TOOL, '--prefix', self.prefix, '--arch', 'test',
             '--cc', self.cc, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment, check=False)

    def good(self, *arguments):
        done = self.run_tool(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def depends(self, *components):
        return self.good('--depends', *components).split()

    def bad(self, *arguments):
        """Returns the error as one line."""
        done = self.run_tool(*arguments)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, '^rump-link: error: ')
        self.assertNotIn('Traceback', done.stderr)
        return ' '.join(done.stderr.split())

    def symbols(self, path, *options):
        """Returns {symbol: nm type}."""
        lines = self.call('nm', '-P', *options, path).splitlines()
        return dict(line.split()[:2] for line in lines)


class Names(Case):
    """What users may call a component."""

    def setUp(self):
        super().setUp()
        empty = 'int rumpns_%s;'
        self.install(rump='', rumpvfs='', rumpfs_ffs='', rumpnet='',
                     rumpnet_net='', rumpfs_tmpfs='', rumpdev_tmpfs='',
                     rumpdev_pci_if_wm='', rumpuser=empty % 'layer')

    def test_list(self):
        self.assertEqual(self.good('--list').split(), [
            'dev_pci_if_wm', 'dev_tmpfs', 'fs_ffs', 'fs_tmpfs', 'net',
            'net_net', 'rump', 'vfs'])

    def test_forms(self):
        for name in ('ffs', 'fs_ffs', 'rumpfs_ffs', 'librumpfs_ffs.a'):
            self.assertEqual(self.depends(name), ['fs_ffs', 'rump'])
        self.assertEqual(self.depends('net'), ['net', 'rump'])
        self.assertEqual(self.depends('net_net'), ['net_net', 'rump'])
        self.assertEqual(self.depends('if_wm'), ['dev_pci_if_wm', 'rump'])
        self.assertEqual(self.depends('rump', 'librump.a'), ['rump'])

    def test_ambiguous(self):
        self.assertIn('tmpfs is ambiguous name one of dev_tmpfs, fs_tmpfs',
                      self.bad('--depends', 'tmpfs'))

    def test_unknown(self):
        error = self.bad('--depends', 'fss')
        self.assertIn('component fss is not installed', error)
        self.assertIn('fs_ffs', error)

    def test_lib_dir_first(self):
        other = self.path('other')
        os.mkdir(other)
        self.archive(os.path.join(other, 'librumpfs_ffs.a'),
                     'void rumpns_net(void);'
                     'void rumpns_a(void) { rumpns_net(); }')
        self.install(rumpnet='void rumpns_net(void) {}')
        self.assertEqual(self.depends('--lib-dir', other, 'ffs'),
                         ['fs_ffs', 'net', 'rump'])


class Closure(Case):
    """Which components are added, and in which order."""

    @staticmethod
    def code(defines=(), needs=(), weak=(), extra=''):
        """Source of a component by the symbols it defines and needs."""
        lines = [f'void rumpns_{name}(void) {{}}' for name in defines]
        lines += [f'void rumpns_{name}(void);' for name in needs]
        lines += [f'void rumpns_{name}(void) __attribute__((weak));'
                  for name in weak]
        uses = ', '.join(f'rumpns_{name}' for name in (*needs, *weak))
        lines.append('static void (*const uses[])(void) '
                     f'__attribute__((used)) = {{ {uses} }};')
        return '\n'.join(lines) + extra

    def setUp(self):
        super().setUp()
        self.install(rump=self.code(['base']))

    def test_transitive(self):
        self.install(
            rumpfs_a=self.code(needs=['b']),
            rumpfs_b=self.code(['b'], ['c', 'base']),
            rumpvfs=self.code(['c'], ['base']))
        for names in (['a'], ['vfs', 'a'], ['a', 'b', 'vfs']):
            self.assertEqual(
                self.depends(*names), ['fs_a', 'fs_b', 'vfs', 'rump'])
        done = self.run_tool('--depends', '-v', 'a')
        self.assertIn('rump-link: fs_b: fs_a needs rumpns_b', done.stderr)

    def test_order_of_users(self):
        self.install(rumpfs_a=self.code(), rumpfs_b=self.code())
        self.assertEqual(self.depends('b', 'a'), ['fs_b', 'fs_a', 'rump'])
        self.assertEqual(self.depends('a', 'b'), ['fs_a', 'fs_b', 'rump'])

    def test_library_without_index(self):
        self.install(rumpfs_a=self.code(needs=['b']),
                     rumpfs_b=self.code(['b']))
        path = os.path.join(self.lib, 'librumpfs_b.a')
        os.remove(path)
        self.call('ar', 'rcS', path, self.path('member0.o'))
        self.assertEqual(self.depends('a'), ['fs_a', 'fs_b', 'rump'])

    def test_cycle(self):
        self.install(rumpfs_a=self.code(['a'], ['b']),
                     rumpfs_b=self.code(['b'], ['a']))
        self.assertEqual(sorted(self.depends('a')),
                         ['fs_a', 'fs_b', 'rump'])

    def test_weak_pulls_nothing(self):
        self.install(rumpfs_a=self.code(weak=['b']),
                     rumpfs_b=self.code(['b']))
        self.assertEqual(self.depends('a'), ['fs_a', 'rump'])

    def test_chosen_then_faction(self):
        self.install(
            rumpfs_a=self.code(needs=['b']), rumpnet=self.code(
                extra='void __attribute__((weak)) rumpns_b(void) {}'),
            rumpnet_b=self.code(['b']))
        self.assertEqual(self.depends('a'), ['fs_a', 'net', 'rump'])
        self.assertEqual(self.depends('a', 'net_b'),
                         ['fs_a', 'net_b', 'rump'])

    def test_several_define(self):
        self.install(
            rumpfs_a=self.code(needs=['b']),
            rumpnet_b=self.code(['b']), rumpnet_c=self.code(['b']))
        error = self.bad('--depends', 'a')
        self.assertIn('fs_a needs rumpns_b, which net_b and net_c define',
                      error)
        self.assertEqual(self.depends('a', 'net_c'),
                         ['fs_a', 'net_c', 'rump'])
        self.assertIn('net_b and net_c cannot be in one kernel: both define '
                      'rumpns_b', self.bad('--depends', 'net_b', 'net_c'))

    def test_clear_choice_first(self):
        self.install(
            rumpfs_a=self.code(needs=['b', 'only']),
            rumpnet_b=self.code(['b']),
            rumpnet_c=self.code(['b', 'only']))
        self.assertEqual(self.depends('a'), ['fs_a', 'net_c', 'rump'])

    def test_undefined(self):
        self.install(rumpfs_a=self.code(needs=['nowhere']))
        self.assertIn('fs_a needs rumpns_nowhere, which no installed',
                      self.bad('--depends', 'a'))
        self.assertEqual(
            self.depends('--allow-undefined', 'rumpns_no*', 'a'),
            ['fs_a', 'rump'])

    def test_not_renamed(self):
        self.install(rumpfs_a='void puts(char *);'
                     'void rumpns_a(void) { puts(0); }')
        self.assertIn('fs_a needs puts', self.bad('--depends', 'a'))

    def test_run_time(self):
        self.install(rumpnet_config=self.code())
        self.assertIn('net_config needs a component at run time that is not '
                      'linked name it after installing net_netinet or '
                      'net_netinet6', self.bad('--depends', 'net_config'))
        self.install(rumpnet_netinet=self.code())
        self.assertIn('net_netinet', self.depends('net_config'))
        self.install(rumpnet_netinet6=self.code())
        self.assertIn('name one of net_netinet, net_netinet6',
                      self.bad('--depends', 'net_config'))
        self.assertIn('net_netinet6',
                      self.depends('net_config', 'netinet6'))


class Linking(Case):
    """What the kernel object is like, and that it runs."""

    def setUp(self):
        super().setUp()
        self.install(rump=BASE, rumpvfs=part(2))
        self.host = self.archive(self.path('libhost.a'), HOST)

    def link(self, *arguments, output='kernel.o', host=True):
        output = self.path(output)
        hosts = ['--host-lib', self.host] if host else []
        self.good('-o', output, *hosts, *arguments)
        return output

    def program(self, source, *objects):
        """Links a program and returns what it prints."""
        with open(self.path('main.c'), 'w', encoding='utf-8') as file:
            file.write('#include <stdio.h>\n' + source)
        self.call(self.cc, '-no-pie', '-w', self.path('main.c'), *objects,
                  '-o', self.path('main'))
        return self.call(self.path('main')).strip()

    def test_link_sets(self):
        kernel = self.link('vfs')
        self.assertEqual(self.program(
            'int main() { printf("%d", rump_init()); }', kernel), '21')
        headers = self.call('readelf', '-S', '-W', kernel)
        self.assertIn('.data.rel.ro.link_sets', headers)
        self.assertNotRegex(headers, r'\slink_set_')

    def test_only_public_symbols(self):
        kernel = self.link('vfs')
        self.assertEqual(
            self.symbols(kernel, '-g', '--defined-only'),
            {'rump_init': 'T', 'rump_pub_start': 'T'})
        self.assertNotIn('U', [
            kind for name, kind in self.symbols(kernel).items()
            if 'rump' in name])
        kernel = self.link('--keep', 'rumpns_b*', 'vfs')
        self.assertIn('rumpns_base', self.symbols(kernel, '-g'))

    def test_kernels_share_nothing(self):
        objects = [self.link('--name', name, 'vfs', output=name + '.o')
                   for name in ('k1', 'k2', 'k3')]
        self.assertEqual(self.program('''
            int main() {
              k1_rump_init();
              k1_rump_init();
              printf("%d ", k1_rump_init());
              printf("%d ", k2_rump_init());
              printf("%d", k3_rump_init());
            }''', *objects), '400021 21 21')
        for name in ('k1', 'k2', 'k3'):
            public = self.symbols(self.path(name + '.o'), '-g')
            self.assertEqual(
                [s for s, kind in public.items() if kind not in 'Uw'],
                [name + '_rump_init', name + '_rump_pub_start'])
        every = self.call('nm', '-P', '-g', *objects)
        self.assertNotIn('layer_', every)
        self.assertNotIn(' C ', every)

    def test_kernels_know_their_names(self):
        self.archive(self.host, HOST, '''
            extern const char rump_link_name[];
            const char rump_link_name[] __attribute__((weak)) = "none";
            const char *const rtems_rump_name = rump_link_name;''')
        objects = [self.link(*name, 'vfs', output=f'{len(name)}.o')
                   for name in ((), ('--name', 'kernel_1'))]
        self.assertEqual(self.program('''
            extern const char *const rtems_rump_name;
            extern const char *const kernel_1_rtems_rump_name;
            int main() {
              printf("%s %s", rtems_rump_name, kernel_1_rtems_rump_name);
            }''', *objects), 'rump kernel_1')

    def test_name_needs_layer(self):
        self.assertIn('needs its own hypercall layer', self.bad(
            '--name', 'k1', '-o', self.path('k.o'), 'vfs'))
        self.assertIn('is not a name', self.bad('--name', '1', '-o', 'x', 'a'))

    def test_layer_in_final_link(self):
        kernel = self.link('vfs', host=False)
        self.assertEqual(self.symbols(kernel)['rumpuser_add'], 'U')
        self.assertEqual(self.program(
            'int main() { printf("%d", rump_init()); }', kernel, self.host),
            '21')

    def test_missing_hypercall(self):
        self.install(rumpnet_x='void rumpcomp_x_send(void);'
                     'void rumpns_x(void) { rumpcomp_x_send(); }')
        output = self.path('kernel.o')
        error = self.bad('--host-lib', self.host, '-o', output, 'net_x')
        self.assertIn('net_x needs the hypercall rumpcomp_x_send', error)
        self.assertIn('--allow-undefined=rumpcomp_x_send', error)
        self.assertFalse(os.path.exists(output))
        self.link('--allow-undefined=rumpcomp_x_*', 'net_x', '--keep=*')

    def test_host_library_as_needed(self):
        self.archive(
            self.host, HOST,
            'int rump_virtif_deliver(void);'
            'int rumpcomp_x_send(void) { return rump_virtif_deliver(); }',
            'int rump_init(void); int helper(void);'
            'int rtems_rump_start(void) { return rump_init() + helper(); }',
            'int helper(void) { return 5; }')
        kernel = self.link('vfs')
        symbols = self.symbols(kernel)
        self.assertNotIn('rumpcomp_x_send', symbols)
        self.assertEqual(symbols['rtems_rump_start'], 'T')
        self.assertEqual(symbols['helper'], 't')
        self.assertEqual(self.program(
            'int main() { printf("%d", rtems_rump_start()); }', kernel),
            '26')

    def test_host_library_needs_component(self):
        self.archive(self.host, HOST, 'void rumpns_f(void);'
                     'void rtems_rump_f(void) { rumpns_f(); }')
        self.assertIn('libhost.a(member1.o) needs rumpns_f', self.bad(
            '--host-lib', self.host, '-o', self.path('kernel.o'), 'vfs'))
        self.install(rumpnet='void rumpns_f(void) {}')
        self.assertIn('rumpns_f', self.symbols(self.link('vfs')))

    def test_interposed(self):
        same = 'int rumpns_same(void) { return %d; }'
        call = ('int rumpns_same(void);'
                'int rump_pub_same(void) { return rumpns_same(); }')
        self.install(rumpvfs=[part(2, same % 1), call],
                     rumpvfs_x=same % 7)
        self.assertEqual(self.program(
            'int main() { printf("%d", rump_pub_same()); }',
            self.link('vfs', 'vfs_x')), '7')

    def test_unused_code(self):
        self.install(rumpvfs=part(
            2, 'int rumpns_unused(void) { return 1; }',
            'int __attribute__((noinline)) rumpns_used(void) { return 1; }',
            'int rump_sys_x(void) { return rumpns_used(); }'))
        symbols = self.symbols(self.link('vfs'))
        self.assertNotIn('rumpns_unused', symbols)
        self.assertIn('rumpns_used', symbols)

    def test_registered_sections(self):
        self.archive(
            self.host, HOST + '''
            static int made;
            static void __attribute__((constructor)) make(void) { made = 9; }
            int rump_pub_made(void) { return made; }
            static const int item __attribute__((
              section(".rtemsroset.items.content.5"), used)) = 1;''')
        kernel = self.link('vfs')
        self.assertIn(' .rtemsroset.items.content.5 ',
                      self.call('readelf', '-S', '-W', kernel))
        self.assertEqual(self.program(
            'int main() { printf("%d", rump_pub_made()); }', kernel), '9')

    def test_bounds_of_code(self):
        self.archive(self.host, HOST + '''
            #pragma weak rump_link_text_begin
            #pragma weak rump_link_text_end
            #pragma weak rump_link_name
            extern const char rump_link_text_begin[], rump_link_text_end[];
            extern const char rump_link_name[];
            int rump_init(void);
            static int __attribute__((cold)) layer_cold(void) { return 1; }
            int rump_pub_check(const void *p) {
              return (char *)p >= rump_link_text_begin
                && (char *)p < rump_link_text_end
                && (char *)rump_init >= rump_link_text_begin
                && (char *)layer_cold < rump_link_text_end;
            }
            const char *rump_pub_name(void) { return rump_link_name; }''')
        check = '''
            const char *%srump_pub_name(void);
            int %srump_init(void);
            int main(void) {
              printf("%%d %%d %%s.", %srump_pub_check(%srump_init),
                %srump_pub_check(main), %srump_pub_name());
            }'''
        self.assertEqual(self.program(
            check % (('',) * 6), self.link('vfs')), '1 0 rump.')
        self.assertEqual(self.program(
            check % (('k1_',) * 6), self.link('--name', 'k1', 'vfs')),
            '1 0 k1.')

    def test_depfile(self):
        depfile = self.path('kernel.d')
        kernel = self.link('--depfile', depfile, 'vfs')
        with open(depfile, encoding='utf-8') as file:
            self.assertEqual(file.read().split(), [
                kernel + ':', self.host,
                os.path.join(self.lib, 'librump.a'),
                os.path.join(self.lib, 'librumpvfs.a')])

    def test_strip_debug(self):
        self.debug = '-g'
        self.install(rump=BASE)
        self.archive(self.host, 'int rumpuser_add(int x) { return x; }')

        def described(*options):
            kernel = self.link(*options, 'vfs')
            return set(re.findall(
                r'DW_AT_name.*: (rumpns_base|rumpuser_add)\n',
                self.call('readelf', '--debug-dump=info', kernel)))

        self.assertEqual(described(), {'rumpns_base', 'rumpuser_add'})
        self.assertEqual(described('--strip-debug'), {'rumpuser_add'})

    def test_reproducible(self):
        first = self.link('vfs', output='1.o')
        second = self.link('vfs', output='2.o')
        with open(first, 'rb') as one, open(second, 'rb') as two:
            self.assertEqual(one.read(), two.read())


class Errors(Case):
    """What is said when something is missing."""

    def test_no_libraries(self):
        error = self.bad('--depends', 'vfs')
        self.assertIn('there is no librump.a in ' + self.lib, error)
        self.assertIn('rumpkernel.org', error)
        self.assertIn('--prefix', error)

    def test_command_line(self):
        self.install(rump='')
        self.assertIn('no COMPONENT', self.bad())
        self.assertIn('-o FILE is missing', self.bad('vfs'))
        self.assertIn('nonsense', self.bad('--nonsense'))

    def test_no_compiler(self):
        self.install(rump='')
        self.assertEqual(self.good('--cc', 'no-such-gcc', '--list'), 'rump\n')
        self.assertIn('no-such-gcc is neither in PATH nor in',
                      self.bad('--cc', 'no-such-gcc', '--depends', 'rump'))

    def test_host_library(self):
        self.install(rump='int rump_init(void) { return 0; }')
        output = self.path('kernel.o')
        path = self.path('libhost.a')
        self.assertIn('libhost.a does not exist', self.bad(
            '--host-lib', path, '-o', output, 'rump'))
        with open(path, 'wb') as file:
            file.write(b'text')
        self.assertIn('libhost.a is not a static library', self.bad(
            '--host-lib', path, '-o', output, 'rump'))
        with open(path, 'wb') as file:
            file.write(b'!<arch>\n' + b'x.o/'.ljust(48) + b'20'.ljust(10)
                       + b'`\n' + b'\x7fELF\x01\x02'.ljust(20, b'\xee'))
        self.assertIn('are made for different machines', self.bad(
            '--host-lib', path, '-o', output, 'rump'))

    def test_output(self):
        self.install(rump='int rump_init(void) { return 0; }')
        self.assertIn('/no/such: No such file', self.bad(
            '-o', '/no/such', 'rump').replace('.new', ''))


class Installed(unittest.TestCase):
    """NetBSD's libraries, as far as they are installed here."""

    prefix = os.environ.get('RUMP_PREFIX', '/opt/rump')
    tools = os.environ.get('RTEMS_PREFIX', '/opt/rtems/6') + '/bin/'

    def check(self, arch):
        library = os.path.join(self.prefix, arch, 'lib', 'librump.a')
        prefix = self.tools + arch + '-rtems6-'
        if arch == os.uname().machine:
            prefix = ''
        if not os.path.exists(library):
            self.skipTest(f'{library} is not installed')
        if not shutil.which(prefix + 'gcc'):
            self.skipTest(f'{prefix}gcc is not installed')

        def run(*command):
            return subprocess.run(
                command, check=True, text=True, stdout=subprocess.PIPE).stdout

        def tool(*arguments):
            return run(sys.executable, TOOL, '--prefix', self.prefix,
                       '--arch', arch, '--cc', prefix + 'gcc', *arguments)

        closures = {
            'vfs tmpfs': 'fs_tmpfs vfs rump',
            'ffs': 'fs_ffs dev_disk dev vfs rump',
            'ext2fs': 'fs_ext2fs fs_ffs dev_disk dev vfs rump',
            'net_netinet net_net': 'net_netinet net_net net rump',
        }
        for names, closure in closures.items():
            self.assertEqual(
                tool('--depends', *names.split()).split(), closure.split())

        # A layer that defines every hypercall, and a kernel with it.
        with tempfile.TemporaryDirectory() as folder:
            host = os.path.join(folder, 'libhost.a')
            calls = set(re.findall(r'\brumpuser_\w+', run(
                prefix + 'nm', '-u', library, library.replace(
                    'rump.a', 'rumpvfs.a'))))
            with open(host + '.c', 'w', encoding='utf-8') as file:
                file.writelines(
                    f'int {call}(void) {{ return 0; }}\n' for call in calls)
                file.write(
                    'void *memcpy(void *, const void *, unsigned);\n'
                    'void rump_pub_copy(void *to, const void *from)\n'
                    '{ memcpy(to, from, 1000); }\n')
            run(prefix + 'gcc', '-w', '-c', host + '.c', '-o', host + '.o')
            run(prefix + 'ar', 'rcs', host, host + '.o')
            kernel = os.path.join(folder, 'kernel.o')
            start = time.monotonic()
            tool('--host-lib', host, '--name', 'k1', '-o', kernel,
                 'vfs', 'tmpfs')
            self.assertLess(time.monotonic() - start, 30)
            public = run(prefix + 'nm', '-P', '-g', kernel)
            # On others NetBSD has its own.
            if arch == 'arm':
                self.assertRegex(
                    run(prefix + 'nm', '-P', kernel), '(?m)^memcpy t')
        names = dict(line.split()[:2] for line in public.splitlines())
        self.assertEqual(names['k1_rump_init'], 'T')
        for name, kind in names.items():
            if kind != 'U':
                self.assertRegex(name, '^k1_rump_')
            self.assertNotRegex(name, '^(rump|RUMP|__start|__stop)')

    def test_arm(self):
        self.check('arm')

    def test_i386(self):
        self.check('i386')

    def test_x86_64(self):
        self.check('x86_64')


if __name__ == '__main__':
    unittest.main()

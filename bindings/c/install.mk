# Installs the C and C++ library. Include it from a Makefile at the top, or run it by itself there:
#
#     make -f bindings/c/install.mk install PREFIX=/usr/local DESTDIR=
#
# Plain rules instead of cargo-c: that would be one more thing to install, knows nothing of a
# C++ header or a CMake package, and does not make the archive's other symbols local.

PREFIX      ?= /usr/local
DESTDIR     ?=
INCLUDEDIR  ?= $(PREFIX)/include
LIBDIR      ?= $(PREFIX)/lib
# release, or dev for the tests
HWM_PROFILE ?= release
# Where `staged` puts things
HWM_STAGE   ?= $(HWM_TARGET)/stage

CARGO   ?= cargo
LD      ?= ld
OBJCOPY ?= objcopy
AR      ?= ar
NM      ?= nm

HWM_TARGET   := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
HWM_VERSION  := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
HWM_MINOR    := $(basename $(HWM_VERSION))
HWM_BUILT    = $(HWM_TARGET)/$(if $(filter dev,$(HWM_PROFILE)),debug,$(HWM_PROFILE))
HWM_PACKAGE  = $(HWM_BUILT)/package
HWM_CMAKEDIR = $(LIBDIR)/cmake/hwm

.PHONY: capi install uninstall staged

# The shared and the static library in target/release, and what a static link needs besides. What
# cargo alone leaves there as libhwm.a clashes with other Rust archives.
capi:
	@mkdir -p $(HWM_PACKAGE)
	$(CARGO) rustc --quiet -p hwm-capi --lib --profile $(HWM_PROFILE) -- \
	    --print native-static-libs=$(abspath $(HWM_PACKAGE))/native-libs.all
	@# Every compiler links these itself, and says so differently when all is static.
	@sed -e 's/-lgcc_s//' -e 's/-lc$$//' -e 's/^ *//' -e 's/ *$$//' \
	    $(HWM_PACKAGE)/native-libs.all >$(HWM_PACKAGE)/native-libs
	@bindings/c/prelink "$(HWM_BUILT)/libhwm.a" "$(HWM_PACKAGE)" "$(LD)" "$(OBJCOPY)" "$(AR)" "$(NM)"
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(HWM_VERSION)|' \
	     -e 's|@INCLUDEDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(INCLUDEDIR))|' \
	     -e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|' \
	     -e "s|@NATIVE_LIBS@|$$(cat $(HWM_PACKAGE)/native-libs)|" \
	     bindings/c/package/hwm.pc.in >$(HWM_PACKAGE)/hwm.pc
	@sed -e 's|@VERSION@|$(HWM_VERSION)|' -e 's|@MINOR@|$(HWM_MINOR)|' \
	     bindings/c/package/hwm-config-version.cmake.in >$(HWM_PACKAGE)/hwm-config-version.cmake
	@up=$$(printf '%s' '$(patsubst $(PREFIX)/%,%,$(HWM_CMAKEDIR))' | sed 's|[^/][^/]*|..|g'); \
	 sed -e "s|@UP@|$$up|" -e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,%,$(LIBDIR))|' \
	     -e 's|@INCLUDEDIR@|$(patsubst $(PREFIX)/%,%,$(INCLUDEDIR))|' -e 's|@VERSION@|$(HWM_VERSION)|' \
	     -e 's|@MINOR@|$(HWM_MINOR)|' \
	     -e "s|@NATIVE_LIBS@|$$(sed 's/  */;/g' $(HWM_PACKAGE)/native-libs)|" \
	     bindings/c/package/hwm-config.cmake.in >$(HWM_PACKAGE)/hwm-config.cmake

install: capi
	install -d "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(HWM_CMAKEDIR)"
	install -m 644 include/hwm.h include/hwm.hpp "$(DESTDIR)$(INCLUDEDIR)/"
	install -m 755 "$(HWM_BUILT)/libhwm.so" "$(DESTDIR)$(LIBDIR)/libhwm.so.$(HWM_VERSION)"
	ln -sf libhwm.so.$(HWM_VERSION) "$(DESTDIR)$(LIBDIR)/libhwm.so.$(HWM_MINOR)"
	ln -sf libhwm.so.$(HWM_MINOR) "$(DESTDIR)$(LIBDIR)/libhwm.so"
	if [ -e "$(HWM_BUILT)/libhwm.a" ]; then \
	    install -m 644 "$(HWM_BUILT)/libhwm.a" "$(DESTDIR)$(LIBDIR)/"; fi
	install -m 644 "$(HWM_PACKAGE)/hwm.pc" "$(DESTDIR)$(LIBDIR)/pkgconfig/"
	install -m 644 "$(HWM_PACKAGE)/hwm-config.cmake" "$(HWM_PACKAGE)/hwm-config-version.cmake" \
	    "$(DESTDIR)$(HWM_CMAKEDIR)/"

uninstall:
	rm -f "$(DESTDIR)$(INCLUDEDIR)/hwm.h" "$(DESTDIR)$(INCLUDEDIR)/hwm.hpp" \
	    "$(DESTDIR)$(LIBDIR)/libhwm.so.$(HWM_VERSION)" "$(DESTDIR)$(LIBDIR)/libhwm.so.$(HWM_MINOR)" \
	    "$(DESTDIR)$(LIBDIR)/libhwm.so" "$(DESTDIR)$(LIBDIR)/libhwm.a" \
	    "$(DESTDIR)$(LIBDIR)/pkgconfig/hwm.pc"
	rm -rf "$(DESTDIR)$(HWM_CMAKEDIR)"

# An install of its own, for tests and examples: target/stage/{include,lib}.
staged:
	$(MAKE) --no-print-directory -f bindings/c/install.mk install DESTDIR= PREFIX="$(abspath $(HWM_STAGE))"

internal import CLinux

/// The commit that the program was built from, `-dirty` after it where files had been changed since; empty where the
/// build did not know.
package let buildRevision = String(cString: energyd_revision())

import Accounting

/// The file of a recorded accounting: a header, then a frame for each sample.
///
///     header  "energyd accounting" 0x0A, version, tier, reason, degraded
///     frame   length, bytes, checksum (FNV-1a over the bytes, 32 bit)
///
/// Numbers are LEB128. A file that ends in the middle of a frame, as after a crash of the recorder, is whole up to there.
enum AccountingRecording {
    static let magic = Array("energyd accounting\n".utf8)
    static let version: UInt64 = 2
    /// A sample of 65,536 cgroups with 28 counters each and as many processes stays below this, bytes.
    static let largestFrame = 64 << 20

    static func header(_ tier: Tier) -> [UInt8] {
        var writer = ByteWriter()
        writer.number(version)
        writer.text(tier.name)
        writer.text(tier.reason)
        writer.flag(tier.isDegraded)
        return magic + writer.bytes
    }

    static func frame(_ sample: AccountingSample, origin: SuspendingClock.Instant) -> [UInt8] {
        var body = ByteWriter()
        body.sample(sample, origin: origin)
        var head = ByteWriter()
        head.count(body.bytes.count)
        return head.bytes + body.bytes + bytes(of: checksum(body.bytes[...]))
    }

    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    static func bytes(of checksum: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }
    }
}

/// A recording that cannot be read.
package struct RecordingError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The file does not begin like a recording.
        case notARecording
        /// It was written by another version of this code.
        case unsupportedVersion(UInt64)
        /// The frame of this index is not what was written.
        case damagedFrame(Int)
        /// Every sample was replayed.
        case atEnd
    }

    package let code: Code

    package var description: String {
        switch code {
        case .notARecording: "not a recording of an accounting"
        case .unsupportedVersion(let version): "cannot read a recording of version \(version)"
        case .damagedFrame(let index): "sample \(index) of the recording is damaged"
        case .atEnd: "the recording has no more samples"
        }
    }
}

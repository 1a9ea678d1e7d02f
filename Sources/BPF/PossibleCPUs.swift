internal import Linux

/// CPUs by number, where the kernel counts them without gaps.
package enum PossibleCPUs {
    /// The numbers of the possible CPUs, if some below the highest are missing, as on machines with room for more
    /// processors; nil if none are. `/sys/devices/system/cpu/possible`
    package static func gappy(sysfs: String = "/sys") -> [Int]? {
        guard let list = try? readText(sysfs + "/devices/system/cpu/possible"), let numbers = parseCPUList(list),
            !numbers.isEmpty, numbers.last != numbers.count - 1
        else { return nil }
        return numbers
    }

    /// Moves values that lie close together to the places of their CPUs, and clears the places in between.
    package static func spread<Value: BitwiseCopyable>(_ values: inout [Value], over numbers: [Int]) {
        let stride = MemoryLayout<Value>.stride
        unsafe values.withUnsafeMutableBytes { bytes in
            func place(_ index: Int) -> UnsafeMutableRawBufferPointer {
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[index * stride..<(index + 1) * stride])
            }
            for (index, number) in numbers.enumerated().reversed() where index != number {
                unsafe place(number).copyMemory(from: UnsafeRawBufferPointer(place(index)))
            }
            var next = 0
            for number in numbers {
                for gap in next..<number { unsafe place(gap).initializeMemory(as: UInt8.self, repeating: 0) }
                next = number + 1
            }
        }
    }
}

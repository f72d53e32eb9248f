using AgentMonitor.Core.Origins;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core.Origins;

/// <summary>The index against a dictionary that does the same without any cleverness.</summary>
public sealed class OriginIndexTests
{
    [Fact]
    public void Index_AfterAnyBatches_EqualsADictionary() => FsCheck.Check.One(Worlds.Runs(1_000), Prop.ForAll(Batches().ToArbitrary(), batches =>
    {
        var model = new Dictionary<ulong, (ValueOrigin Origin, OriginSource? VouchedBy, OriginSource? UntrustedFrom)>();
        var index = OriginIndex.Empty;
        foreach (var batch in batches)
        {
            index = index.Add(batch);
            for (var i = 0; i < batch.Hashes.Length; i++)
            {
                var (origin, vouchedBy, untrustedFrom) = model.GetValueOrDefault(batch.Hashes[i]);
                var fresh = batch.Origins[i] & ~origin;
                if (origin.HasFlag(ValueOrigin.Written)) fresh &= ~(ValueOrigin.Trusted | ValueOrigin.Metadata);
                if ((fresh & ValueOrigins.Vouching) != ValueOrigin.None) vouchedBy ??= batch.Source;
                if (fresh.HasFlag(ValueOrigin.Untrusted)) untrustedFrom ??= batch.Source;
                if (fresh != ValueOrigin.None) model[batch.Hashes[i]] = (origin | fresh, vouchedBy, untrustedFrom);
            }
        }
        return Enumerable.Range(1, 40).All(hash =>
        {
            var wanted = model.GetValueOrDefault((ulong)hash);
            return index.OriginOf((ulong)hash) == wanted.Origin && index.Find((ulong)hash) == new OriginFinding(wanted.Origin, wanted.VouchedBy, wanted.UntrustedFrom);
        });
    }));

    [Fact]
    public void Index_ReadBackFromWhatWasStored_IsTheSame() => FsCheck.Check.One(Worlds.Runs(1_000), Prop.ForAll(Batches().ToArbitrary(), batches =>
    {
        var (index, stored) = (OriginIndex.Empty, new List<OriginBatch>());
        foreach (var batch in batches)
        {
            index = index.Add(batch, out var added);
            if (added is not null) stored.Add(OriginBatch.FromBytes(added.Source, added.ToBytes(), added.Overflowed));
        }
        var read = stored.Aggregate(OriginIndex.Empty, (known, batch) => known.Add(batch));
        return read.Count == index.Count && read.IsFull == index.IsFull && read.Sources.SequenceEqual(index.Sources)
            && Enumerable.Range(1, 40).All(hash => read.Find((ulong)hash) == index.Find((ulong)hash));
    }));

    [Fact]
    public void Batch_AsBytes_TakesNineForEachValue()
    {
        var batch = Batch(1, (ulong.MaxValue, ValueOrigin.Untrusted), (7, ValueOrigin.User | ValueOrigin.Written));
        Assert.Equal(18, batch.ToBytes().Length);
        var read = OriginBatch.FromBytes(batch.Source, batch.ToBytes(), true);
        Assert.Equal(batch.Hashes, read.Hashes);
        Assert.Equal(batch.Origins, read.Origins);
        Assert.True(read.Overflowed);
    }

    [Fact]
    public void Index_ThatIsTaughtNothingNew_IsTheSameObject()
    {
        var index = OriginIndex.Empty.Add(Batch(1, (1, ValueOrigin.Trusted), (2, ValueOrigin.User)));
        Assert.Same(index, index.Add(Batch(2, (1, ValueOrigin.Trusted)), out var added));
        Assert.Null(added);
        Assert.NotSame(index, index.Add(Batch(2, (1, ValueOrigin.Untrusted))));
    }

    [Fact]
    public void Index_PastItsBound_KeepsWhatItHasAndTakesNothingNew()
    {
        var index = OriginIndex.Empty;
        for (ulong from = 1; from <= OriginIndex.MaxValues; from += 1_024) index = index.Add(Batch((int)from, [.. Enumerable.Range(0, 1_024).Select(i => (from + (ulong)i, ValueOrigin.Trusted))]));
        Assert.Equal((OriginIndex.MaxValues, false), (index.Count, index.IsFull));
        Assert.Same(index, index.Add(Batch(40_000, (1, ValueOrigin.Trusted))));

        var full = index.Add(Batch(50_000, (1_000_000, ValueOrigin.User)), out var added);
        Assert.Equal((OriginIndex.MaxValues, true), (full.Count, full.IsFull));
        Assert.Equal(ValueOrigin.None, full.OriginOf(1_000_000));
        Assert.Equal(ValueOrigin.Trusted, full.OriginOf(OriginIndex.MaxValues));
        Assert.True(added is { Overflowed: true, Hashes.Length: 0 });
        Assert.True(index.Add(OriginBatch.FromBytes(added.Source, added.ToBytes(), added.Overflowed)).IsFull);
    }

    [Fact]
    public void Index_WithMoreSourcesThanAreToldApart_StillKnowsTheOrigins()
    {
        var index = OriginIndex.Empty;
        for (var i = 1; i <= OriginIndex.MaxSources + 100; i++) index = index.Add(Batch(i, ((ulong)i, ValueOrigin.Trusted)));
        Assert.Equal(OriginIndex.MaxSources, index.Sources.Length);
        Assert.Equal("d7", index.Find(7).VouchedBy?.DecisionId);
        Assert.Equal($"d{OriginIndex.MaxSources}", index.Find(OriginIndex.MaxSources + 50).VouchedBy?.DecisionId);
    }

    private static OriginBatch Batch(int at, params (ulong Hash, ValueOrigin Origin)[] values)
    {
        var sorted = values.OrderBy(v => v.Hash).ToList();
        return new(new(DateTimeOffset.UnixEpoch.AddSeconds(at), $"d{at}", "tool", null), [.. sorted.Select(v => v.Hash)], [.. sorted.Select(v => v.Origin)], false);
    }

    private static Gen<OriginBatch[]> Batches() => Gen.Choose(0, 25).SelectMany(count => Gen.CollectToArray(Enumerable.Range(1, count).Select(at =>
        from hashes in Gen.SubListOf(Enumerable.Range(1, 40).ToArray())
        from origins in Gen.CollectToArray(hashes.Select(_ => Gen.Choose(1, 63).Select(bits => (ValueOrigin)bits)))
        select Batch(at, [.. hashes.Select((h, i) => ((ulong)h, origins[i]))]))));
}

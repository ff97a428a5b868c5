"""A learner's own images: what is read, how it is dealt, and what is said where something is amiss."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from labkit import data


def picture(number, size=(20, 20)):
    """A picture unlike that of any other number."""
    return Image.fromarray(np.random.default_rng(number).integers(0, 256, (size[1], size[0], 3), "uint8"))


def parts(found):
    """Images and labels of the three parts."""
    return (found.x_train, found.y_train), (found.x_validation, found.y_validation), (found.x_test, found.y_test)


def album(root, counts, suffix=".png"):
    """A folder with as many images of each class as asked for; its path."""
    for k, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for i in range(count):
            picture(1000 * k + i).save(root / name / f"{i:03}{suffix}")
    return root


def test_each_sub_folder_is_a_class_and_each_image_lands_in_one_part(tmp_path):
    found = data.load(album(tmp_path / "pets", {"dog": 10, "cat": 10}), size=20)
    assert found.classes == ("cat", "dog")
    assert [len(y) for y in (found.y_train, found.y_validation, found.y_test)] == [12, 4, 4]
    everything = np.concatenate([found.x_train, found.x_validation, found.x_test])
    assert everything.shape == (20, 20, 20, 3)
    assert everything.dtype == np.uint8
    assert len({image.tobytes() for image in everything}) == 20


def test_labels_follow_their_images(tmp_path):
    for name, shade in (("dark", 10), ("light", 240)):
        (tmp_path / name).mkdir()
        for i in range(5):
            Image.new("L", (9, 9), shade + i).save(tmp_path / name / f"{i}.png")
    found = data.folder(tmp_path, size=8)
    for x, y in parts(found):
        np.testing.assert_array_equal(x.mean(axis=(1, 2, 3)) > 128, y == 1)


def test_the_deal_is_the_same_at_each_call_and_another_for_another_seed(tmp_path):
    root = album(tmp_path / "pets", {"cat": 12, "dog": 12})
    first, again, other = data.folder(root, size=8), data.folder(root, size=8), data.folder(root, size=8, seed=1)
    np.testing.assert_array_equal(first.x_train, again.x_train)
    assert (first.x_test != other.x_test).any()


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.lists(st.integers(3, 14), min_size=2, max_size=4))
def test_every_class_is_in_every_part_a_fifth_of_it_in_validation_and_in_the_test(tmp_path_factory, counts):
    root = album(tmp_path_factory.mktemp("album") / "a", {f"class {k}": n for k, n in enumerate(counts)})
    found = data.folder(root, size=20)
    fifths = [max(1, round(n / 5)) for n in counts]
    np.testing.assert_array_equal(np.bincount(found.y_test), fifths)
    np.testing.assert_array_equal(np.bincount(found.y_validation), fifths)
    np.testing.assert_array_equal(np.bincount(found.y_train), np.array(counts) - 2 * np.array(fifths))


def test_an_image_is_cut_to_the_square_in_its_middle(tmp_path):
    root = album(tmp_path / "pets", {"cat": 3, "dog": 3})
    wide = Image.new("RGB", (90, 30), "red")
    wide.paste("blue", (30, 0, 60, 30))
    for i in range(3):
        wide.putpixel((31, i), (0, 0, 0))  # three images, not three times the same
        wide.save(root / "cat" / f"{i:03}.png")
    found = data.folder(root, size=30)
    cats = np.concatenate([found.x_train[found.y_train == 0], found.x_test[found.y_test == 0]])
    assert (cats[:, 5:, 5:] == [0, 0, 255]).all()


def test_grey_palette_and_transparent_images_become_rgb_on_white(tmp_path):
    root = album(tmp_path / "pets", {"cat": 3, "dog": 3})
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(root / "cat" / "000.png")
    Image.new("L", (20, 20), 90).save(root / "cat" / "001.png")
    Image.new("P", (20, 20), 0).save(root / "cat" / "002.png")
    found = data.folder(root, size=20)
    cats = np.concatenate([x[y == 0] for x, y in ((found.x_train, found.y_train), (found.x_test, found.y_test))])
    cats = np.concatenate([cats, found.x_validation[found.y_validation == 0]])
    assert sorted(int(image[0, 0, 0]) for image in cats) == [0, 90, 255]


def test_a_photograph_is_turned_as_its_camera_says(tmp_path):
    root = album(tmp_path / "pets", {"cat": 3, "dog": 3})
    lying = Image.new("RGB", (20, 20), "white")
    lying.paste("black", (0, 0, 10, 20))  # dark on its left
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees, clockwise: dark at the top
    for i in range(3):
        lying.putpixel((19, 19 - i), (200, 0, 0))
        lying.save(root / "cat" / f"{i:03}.png", exif=exif)
    found = data.folder(root, size=20)
    cat = found.x_train[found.y_train == 0][0]
    assert cat[2:8].mean() < 20
    assert cat[12:18].mean() > 235


def test_a_file_that_is_no_image_is_named_and_left_out(tmp_path):
    root = album(tmp_path / "pets", {"cat": 4, "dog": 4})
    (root / "cat" / "notes.txt").write_text("not an image")
    whole = (root / "dog" / "000.png").read_bytes()
    (root / "dog" / "000.png").write_bytes(whole[: len(whole) // 2])
    with pytest.warns(UserWarning, match=r"could not be read as images: cat/notes\.txt, dog/000\.png\."):
        found = data.folder(root, size=8)
    assert len(found.y_train) + len(found.y_validation) + len(found.y_test) == 7


def test_many_unreadable_files_are_counted_not_listed(tmp_path):
    root = album(tmp_path / "pets", {"cat": 4, "dog": 4})
    for i in range(8):
        (root / "cat" / f"{i}.txt").write_text(str(i))
    with pytest.warns(UserWarning, match=r"cat/4\.txt and 3 more\."):
        data.folder(root, size=8)


def test_an_image_that_is_there_twice_cannot_stand_in_two_parts(tmp_path):
    root = album(tmp_path / "pets", {"cat": 4, "dog": 4})
    (root / "cat" / "copy.png").write_bytes((root / "cat" / "000.png").read_bytes())
    with pytest.warns(UserWarning, match=r"already: cat/copy\.png"):
        found = data.folder(root, size=8)
    assert len(found.y_train) + len(found.y_validation) + len(found.y_test) == 8


def test_hidden_files_are_passed_over_in_silence(tmp_path):
    root = album(tmp_path / "pets", {"cat": 4, "dog": 4})
    (root / "cat" / ".DS_Store").write_bytes(b"")
    (root / ".ipynb_checkpoints").mkdir()
    (root / "dog" / ".ipynb_checkpoints").mkdir()
    picture(7).save(root / "dog" / ".ipynb_checkpoints" / "x.png")
    assert data.folder(root, size=8).classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "There are no images in .* Expected one sub-folder for each class"),
        ({"cat": 5}, "has one class only, 'cat'"),
        ({"cat": 5, "dog": 2}, "Class 'dog' has 2 images that can be read; it needs 3"),
        ({"train": 5, "test": 5}, r"holds parts \(test, train\), not classes"),
    ],
)
def test_what_is_amiss_with_a_folder_is_said_in_words(tmp_path, counts, said):
    (tmp_path / "album").mkdir()
    with pytest.raises(ValueError, match=said):
        data.folder(album(tmp_path / "album", counts), size=8)


def test_images_beside_the_sub_folders_only_are_no_class(tmp_path):
    picture(1).save(tmp_path / "cat.png")
    with pytest.raises(ValueError, match="one sub-folder for each class"):
        data.folder(tmp_path)


def test_showing_the_set_names_its_folder(tmp_path):
    text = repr(data.folder(album(tmp_path / "pets", {"cat": 5, "dog": 5}), size=8))
    for fact in ("Images in pets", str(tmp_path), "2: cat, dog", "6 train, 2 validation, 2 test"):
        assert fact in text

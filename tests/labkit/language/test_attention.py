import numpy as np
import pytest

from labkit.language import attention

RNG = np.random.default_rng(0)


def parameters(width: int = 8, hidden: int = 12) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    shapes = dict.fromkeys(("w_q", "w_k", "w_v", "w_o"), (width, width))
    shapes |= {"w_1": (width, hidden), "b_1": (hidden,), "w_2": (hidden, width), "b_2": (width,)}
    shapes |= dict.fromkeys(("gain_1", "shift_1", "gain_2", "shift_2"), (width,))
    return {name: rng.normal(0, 0.5, shape).astype("float32") for name, shape in shapes.items()}


def test_a_query_of_zeros_reads_all_values_alike():
    output, weights = attention.attention([[0.0, 0.0]], [[1.0, 2.0], [3.0, 4.0]], [[10.0], [20.0]])
    np.testing.assert_allclose(output, [[15.0]])
    np.testing.assert_allclose(weights, [[0.5, 0.5]])


def test_a_query_reads_the_value_whose_key_it_fits():
    keys = 100 * np.eye(3)
    output, _ = attention.attention(keys[[1]], keys, [[1.0], [2.0], [3.0]])
    np.testing.assert_allclose(output, [[2.0]])


def test_what_the_mask_hides_has_no_weight_and_the_others_share_it():
    q, k, v = RNG.normal(size=(3, 2, 4, 6))
    _, weights = attention.attention(q, k, v, attention.causal_mask(4))
    assert (weights[:, ~attention.causal_mask(4)] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0)


def test_scores_are_divided_by_the_root_of_the_width_unless_told_otherwise():
    q, k, v = RNG.normal(size=(3, 4, 16))
    np.testing.assert_allclose(attention.attention(q, k, v)[1], attention.attention(q, k, v, divide_by=4.0)[1])
    assert attention.attention(q, k, v, divide_by=1.0)[1].max() > attention.attention(q, k, v)[1].max()


def test_the_first_word_may_look_at_itself_alone():
    np.testing.assert_array_equal(attention.causal_mask(3), [[1, 0, 0], [1, 1, 0], [1, 1, 1]])


def test_heads_get_neighbouring_columns_and_are_merged_again():
    x = np.arange(24.0).reshape(1, 3, 8)
    heads = attention.split_heads(x, 4)
    assert heads.shape == (1, 4, 3, 2)
    np.testing.assert_array_equal(heads[0, 1], x[0, :, 2:4])
    np.testing.assert_array_equal(attention.merge_heads(heads), x)


def test_places_two_apart_are_alike_wherever_they_are():
    encoding = attention.positional_encoding(20, 8)
    likeness = encoding @ encoding.T
    np.testing.assert_allclose(np.diag(likeness, 2), likeness[0, 2])
    np.testing.assert_allclose(encoding[0], [0, 1] * 4)


def test_a_normalised_row_has_mean_0_and_variance_1():
    x = attention.layer_norm(RNG.normal(5, 3, (4, 50)), np.ones(50), np.zeros(50))
    np.testing.assert_allclose(x.mean(axis=-1), 0.0, atol=1e-9)
    np.testing.assert_allclose(x.var(axis=-1), 1.0, rtol=1e-3)


def test_a_block_without_parameters_lets_x_through():
    x = RNG.normal(size=(3, 8))
    silent = {name: 0 * value for name, value in parameters().items()}
    np.testing.assert_array_equal(attention.transformer_block(x, silent, 2)[0], x)


def test_a_later_word_changes_nothing_before_it():
    x = RNG.normal(size=(5, 8))
    other = x.copy()
    other[3:] += 1.0
    mask = attention.causal_mask(5)
    one, two = (attention.transformer_block(rows, parameters(), 2, mask)[0] for rows in (x, other))
    np.testing.assert_array_equal(one[:3], two[:3])
    assert (one[3:] != two[3:]).all()


@pytest.mark.slow
@pytest.mark.parametrize("causal", [True, False])
def test_a_block_agrees_with_keras_to_the_fifth_digit(causal):
    import keras

    p, x = parameters(), RNG.normal(size=(2, 5, 8)).astype("float32")
    look = keras.layers.MultiHeadAttention(2, 4, use_bias=False)
    look.build(x.shape, x.shape)
    look.set_weights([*(p[name].reshape(8, 2, 4) for name in ("w_q", "w_k", "w_v")), p["w_o"].reshape(2, 4, 8)])
    norms = [keras.layers.LayerNormalization() for _ in range(2)]
    for number, norm in enumerate(norms, 1):
        norm.build(x.shape)
        norm.set_weights([p[f"gain_{number}"], p[f"shift_{number}"]])
    h = norms[0](x)
    y = x + look(h, h, use_causal_mask=causal)
    hidden = keras.ops.relu(keras.ops.matmul(norms[1](y), p["w_1"]) + p["b_1"])
    expected = keras.ops.convert_to_numpy(y + keras.ops.matmul(hidden, p["w_2"]) + p["b_2"])
    mask = attention.causal_mask(5) if causal else None
    np.testing.assert_allclose(attention.transformer_block(x, p, 2, mask)[0], expected, atol=1e-5)
